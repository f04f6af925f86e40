import { SlipwayError } from "@slipway/base";
import type { BundleOrigin } from "../layout/receive-bundle.ts";
import { Decoder } from "../manifest/decode.ts";
import { type Digest, isDigest } from "../manifest/digest.ts";
import { configLimit, manifestLimit, mediaTypes } from "../manifest/image-manifest.ts";
import { digestOf } from "../referrers/referrer.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import { type ImageReference, referenceText } from "../registry/image-reference.ts";
import type { Document, RegistryClient } from "../registry/registry-client.ts";
import { type Image, imageTypes } from "./image.ts";
import { bundleFacts, bundleLabel } from "./model-image.ts";
import { decodePiecedManifest, decodePieces, piecedTypes, piecesTag } from "./pieced-bundle.ts";
import { readRelease, registrySource } from "./read-release.ts";
import { readTar } from "./read-tar.ts";

/** A bundle that was found in a registry: its digest, and where its bytes come from. */
export interface FoundBundle {
  readonly digest: Digest;
  readonly origin: BundleOrigin;
}

/** Finds the bundle that a reference names: a bundle itself, one in pieces, or the one in an image that runs it. Throws `invalid` for another image. */
export async function findBundle(client: RegistryClient, reference: ImageReference, signal?: AbortSignal): Promise<FoundBundle> {
  const document = await readNamed(client, reference, signal);
  const named = { ...reference, digest: document.digest };
  const fault = (what: string) =>
    new SlipwayError("invalid", `${referenceText(reference)} is not a bundle that can be used: ${what}.`);
  const type = Decoder.parse(document.bytes, "manifest", fault).optional("artifactType")?.value;
  if (type === mediaTypes.artifact) return { digest: document.digest, origin: registryOrigin(client, named, document.bytes) };
  if (type === piecedTypes.artifact) {
    const found = await readPieced(client, named, document.bytes, signal);
    if (reference.digest !== undefined && reference.digest !== document.digest && reference.digest !== found.digest)
      throw fault(`the pieces it is kept in are those of ${found.digest}`);
    return found;
  }
  const { images } = await readRelease(registrySource(client, named, signal));
  // Every architecture's image holds the same bundle; the digest in the label is not believed but demanded of the bytes.
  const image = images[0]!;
  const digest = image.run.labels[bundleLabel];
  if (!isDigest(digest)) {
    throw new SlipwayError("invalid", `${referenceText(reference)} is an image without a model of Slipway in it.`, {
      hint: "`slipway image --to REPOSITORY` makes and pushes one that has.",
    });
  }
  const { manifest, config } = await readFacts(image, signal);
  const origin = registryOrigin(client, named, manifest);
  return {
    digest,
    origin: { ...origin, blob: (part, abort, from) => (part.kind === "config" ? once(config) : origin.blob(part, abort, from)) },
  };
}

/** What a reference names; a digest may be that of a bundle whose layers are there in pieces only. */
export async function readNamed(
  client: RegistryClient,
  reference: ImageReference,
  signal: AbortSignal | undefined,
): Promise<Document> {
  try {
    return await client.readDocument(reference, signal);
  } catch (caught) {
    const { digest, ...repository } = reference;
    if (digest === undefined || (caught as { code?: unknown }).code !== "notFound") throw caught;
    const pieced = { ...repository, tag: piecesTag(digest) };
    if ((await client.findDocument(pieced, signal)) === undefined) throw caught;
    return await client.readDocument(pieced, signal);
  }
}

/** A bundle of which some layers are pieces of blobs. Its digest is that of the manifest that comes with it. */
async function readPieced(
  client: RegistryClient,
  reference: ImageReference,
  document: Buffer,
  signal: AbortSignal | undefined,
): Promise<FoundBundle> {
  const { list, blobs } = decodePiecedManifest(document);
  const listed = await whole(client.blob(reference, { ...list, mediaType: piecedTypes.list }), signal);
  const { manifest, layers } = decodePieces(listed, blobs);
  return { digest: digestOf(manifest), origin: { ...registryOrigin(client, reference, manifest), pieced: { layers, blobs } } };
}

async function whole(blob: BlobSource, signal: AbortSignal | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open(0, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function registryOrigin(client: RegistryClient, reference: ImageReference, manifest: Buffer): BundleOrigin {
  return {
    manifest,
    blob: ({ digest, size, kind }, signal, from = 0) =>
      client
        .blob(reference, { digest, size, mediaType: kind === "config" ? mediaTypes.config : mediaTypes.layer })
        .open(from, signal),
  };
}

/** The bundle's own documents, from the image's last layer. */
async function readFacts({ layers }: Image, signal: AbortSignal | undefined): Promise<{ manifest: Buffer; config: Buffer }> {
  const last = layers.at(-1)?.blob;
  const found = new Map<string, Buffer>();
  if (last?.mediaType === imageTypes.tar && last.size <= manifestLimit + configLimit + 2 ** 14)
    for await (const entry of readTar(last.open(0, signal))) found.set(entry.path, entry.content);
  const manifest = found.get(bundleFacts.manifest);
  const config = found.get(bundleFacts.config);
  if (manifest !== undefined && config !== undefined) return { manifest, config };
  throw new SlipwayError("invalid", "The image says that it has a model of Slipway in it, but lacks the model's manifest.", {
    hint: "Make it again with `slipway image`.",
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
