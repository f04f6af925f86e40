import { SlipwayError } from "@slipway/base";
import { Decoder } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import { type ImageReference, type Repository, referenceText } from "../registry/image-reference.ts";
import type { Document, RegistryClient } from "../registry/registry-client.ts";
import { type Architecture, allArchitectures } from "./architecture.ts";
import { type Image, type ImageLayer, type ImageRun, imageTypes, type Release } from "./image.ts";

/** Docker's names for the same things. */
const docker: Readonly<Record<string, string>> = {
  "application/vnd.docker.distribution.manifest.list.v2+json": imageTypes.index,
  "application/vnd.docker.distribution.manifest.v2+json": imageTypes.manifest,
  "application/vnd.docker.container.image.v1+json": imageTypes.config,
  "application/vnd.docker.image.rootfs.diff.tar.gzip": imageTypes.gzip,
  "application/vnd.docker.image.rootfs.diff.tar": imageTypes.tar,
};

/** Overlay file systems mount about this many; more is no image but an attack. */
const mostLayers = 127;
const mostManifests = 100;
const mostEntries = 1000;
const configLimit = 8 * 2 ** 20;
const layerLimit = 32 * 2 ** 30;

/** Where documents and blobs come from: a registry's repository, or a layout on disk. */
export interface ReleaseSource {
  /** For error messages. */
  readonly name: string;
  document(digest?: Digest): Promise<Document>;
  blob(descriptor: { digest: Digest; size: number; mediaType: string }): BlobSource;
}

/** A repository as a source; without a digest, what the reference names. */
export function registrySource(client: RegistryClient, reference: ImageReference, signal?: AbortSignal): ReleaseSource {
  const repository: Repository = { registry: reference.registry, name: reference.name };
  return {
    name: referenceText(reference),
    document: (digest) => client.readDocument(digest === undefined ? reference : { ...repository, digest }, signal),
    blob: (descriptor) => client.blob(repository, descriptor),
  };
}

/** Reads an image, or an index with the images of the architectures known here. Layers are only named, not read. Throws `invalid` for what is no image. */
export async function readRelease(source: ReleaseSource): Promise<Release> {
  const fault = (what: string) => new SlipwayError("invalid", `${source.name} is not an image that can be used: ${what}.`);
  const document = await source.document();
  const root = Decoder.parse(document.bytes, "manifest", fault);
  const mediaType = typeOf(root, document);
  if (mediaType === imageTypes.manifest) {
    const image = await readImage(source, document, root);
    if (image === undefined) throw fault("it is for another system than Linux on amd64 or arm64");
    return { document, images: [image] };
  }
  if (mediaType !== imageTypes.index) throw fault("it is neither an image nor an index of images");
  const images: Image[] = [];
  for (const entry of root.get("manifests").list(mostManifests)) {
    const architecture = platformOf(entry);
    if (architecture === undefined || images.some((other) => other.architecture === architecture)) continue;
    // An index in an index is refused below, so there is no depth to fall into.
    const child = await source.document(entry.get("digest").digest());
    const decoded = Decoder.parse(child.bytes, "manifest", fault);
    if (typeOf(decoded, child) !== imageTypes.manifest) throw fault("its index names something that is not an image");
    const image = await readImage(source, child, decoded);
    if (image?.architecture !== architecture) throw fault(`its index calls ${architecture} what is something else`);
    images.push(image);
  }
  if (images.length === 0) throw fault("it is for other systems than Linux on amd64 or arm64");
  return { document, images };
}

function typeOf(root: Decoder, document: Document): string {
  const stated = root.optional("mediaType")?.text() ?? document.mediaType;
  return docker[stated] ?? stated;
}

function platformOf(entry: Decoder): Architecture | undefined {
  const platform = entry.optional("platform");
  if (platform?.optional("os")?.value !== "linux") return undefined;
  return allArchitectures.find((each) => each === platform.optional("architecture")?.value);
}

async function readImage(source: ReleaseSource, document: Document, root: Decoder): Promise<Image | undefined> {
  const config = blobAt(source, root.get("config"), [imageTypes.config], configLimit);
  const blobs = root
    .get("layers")
    .list(mostLayers)
    .map((layer) => blobAt(source, layer, [imageTypes.tar, imageTypes.gzip, imageTypes.zstd], layerLimit));
  const facts = Decoder.parse(await bytesOf(config), "configuration", root.fault);
  const architecture = allArchitectures.find((each) => each === facts.get("architecture").value);
  if (architecture === undefined || facts.get("os").value !== "linux") return undefined;
  const ids = facts
    .get("rootfs")
    .get("diff_ids")
    .list(mostLayers)
    .map((id) => id.digest());
  if (ids.length !== blobs.length) throw root.fault("its manifest and its configuration do not agree about the layers");
  const layers: ImageLayer[] = blobs.map((blob, i) => ({ blob, diffId: ids[i]! }));
  return { architecture, document, blobs: [...blobs, config], layers, run: runOf(facts) };
}

/** The blob a descriptor names, by the names that are used here. */
function blobAt(source: ReleaseSource, descriptor: Decoder, types: readonly string[], limit: number): BlobSource {
  const stated = descriptor.get("mediaType").text();
  const mediaType = docker[stated] ?? stated;
  if (!types.includes(mediaType))
    throw descriptor.fault(`${descriptor.place} has the unknown type ${JSON.stringify(stated.slice(0, 100))}`);
  // Bytes that are to come from somewhere else than this repository.
  if (descriptor.optional("urls") !== undefined)
    throw descriptor.fault(`${descriptor.place} is kept elsewhere than in its registry`);
  return source.blob({ digest: descriptor.get("digest").digest(), size: descriptor.get("size").size(limit), mediaType });
}

async function bytesOf(blob: BlobSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open(0)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function runOf(facts: Decoder): ImageRun {
  const config = facts.optional("config");
  const list = (key: string) =>
    config
      ?.optional(key)
      ?.list(mostEntries)
      .map((item) => item.text()) ?? [];
  const labels = config?.optional("Labels")?.value ?? {};
  return {
    entrypoint: list("Entrypoint"),
    user: config?.optional("User")?.text() ?? "",
    env: list("Env"),
    labels: Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === "string")),
  };
}
