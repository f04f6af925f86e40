import { SlipwayError } from "@slipway/base";
import type { BundleOrigin } from "../layout/receive-bundle.ts";
import { Decoder } from "../manifest/decode.ts";
import { type Digest, isDigest } from "../manifest/digest.ts";
import { configLimit, manifestLimit, mediaTypes } from "../manifest/image-manifest.ts";
import { type ImageReference, referenceText } from "../registry/image-reference.ts";
import type { RegistryClient } from "../registry/registry-client.ts";
import { type Image, imageTypes } from "./image.ts";
import { bundleFacts, bundleLabel } from "./model-image.ts";
import { readRelease, registrySource } from "./read-release.ts";
import { readTar } from "./read-tar.ts";

/** A bundle that was found in a registry: its digest, and where its bytes come from. */
export interface FoundBundle {
  readonly digest: Digest;
  readonly origin: BundleOrigin;
}

/** Finds the bundle that a reference names: a bundle itself, or the one in an image that runs it. Throws `invalid` for another image. */
export async function findBundle(client: RegistryClient, reference: ImageReference, signal?: AbortSignal): Promise<FoundBundle> {
  const document = await client.readDocument(reference, signal);
  const named = { ...reference, digest: document.digest };
  const fault = (what: string) =>
    new SlipwayError("invalid", `${referenceText(reference)} is not a bundle that can be used: ${what}.`);
  const type = Decoder.parse(document.bytes, "manifest", fault).optional("artifactType")?.value;
  if (type === mediaTypes.artifact) return { digest: document.digest, origin: registryOrigin(client, named, document.bytes) };
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
    origin: { ...origin, blob: (part, abort) => (part.kind === "config" ? once(config) : origin.blob(part, abort)) },
  };
}

function registryOrigin(client: RegistryClient, reference: ImageReference, manifest: Buffer): BundleOrigin {
  return {
    manifest,
    blob: ({ digest, size, kind }, signal) =>
      client
        .blob(reference, { digest, size, mediaType: kind === "config" ? mediaTypes.config : mediaTypes.layer })
        .open(0, signal),
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
