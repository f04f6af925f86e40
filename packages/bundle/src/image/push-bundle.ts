import { type BlobRef, mediaTypes } from "../manifest/image-manifest.ts";
import { type BlobSource, memoryBlob } from "../registry/blob-source.ts";
import type { Repository } from "../registry/image-reference.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import type { BundleBlobs, LayerBlob } from "./model-image.ts";
import { encodePiecedBundle, piecesTag } from "./pieced-bundle.ts";
import { type PushCount, type PushSettings, pushBlobs } from "./push-release.ts";

/** Pieces are worth their list when a push moves less than this share of the layer. */
const worthwhile = 0.9;

/**
 * Puts a bundle into a repository under its own digest. A layer that shares pieces with a blob that the repository has goes there in pieces;
 * the bundle is then found by a tag that its digest gives, since a registry takes its manifest only with whole layers.
 */
export async function pushBundle(
  client: RegistryClient,
  repository: Repository,
  { digest, manifest, config, layers }: BundleBlobs,
  settings: PushSettings & { readonly tag?: string } = {},
): Promise<PushCount> {
  const { tag, signal } = settings;
  const pieced: LayerBlob[] = [];
  for (const layer of layers) if (await isInPieces(client, repository, layer, signal)) pieced.push(layer);
  const configBlob = memoryBlob(mediaTypes.config, config);
  if (pieced.length === 0) {
    const count = await pushBlobs(client, repository, [...layers, configBlob], settings);
    await client.writeDocument(repository, { digest, mediaType: mediaTypes.manifest, bytes: manifest }, tag, signal);
    return count;
  }
  const blobs = new Map<string, BlobSource>();
  for (const layer of layers)
    for (const blob of pieced.includes(layer) ? layer.pieces!.blobs : [layer]) blobs.set(blob.digest, blob);
  const { document, list } = encodePiecedBundle({
    manifest,
    config: configBlob,
    blobs: [...blobs.values()].map(({ digest: blob, size }): BlobRef => ({ digest: blob, size })),
    layers: new Map(pieced.map((layer) => [layer.digest, layer.pieces!.list])),
  });
  const count = await pushBlobs(client, repository, [...blobs.values(), configBlob, list], settings);
  for (const name of [piecesTag(digest), tag])
    if (name !== undefined) await client.writeDocument(repository, document, name, signal);
  return count;
}

/** Whether a layer moves less in pieces than whole: the repository then has the blobs that it shares most with. */
async function isInPieces(
  client: RegistryClient,
  repository: Repository,
  { digest, size, pieces }: LayerBlob,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (pieces === undefined || (await client.hasBlob(repository, digest, signal))) return false;
  let missing = 0;
  for (const blob of pieces.blobs) if (!(await client.hasBlob(repository, blob.digest, signal))) missing += blob.size;
  return missing < size * worthwhile;
}
