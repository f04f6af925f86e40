import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BundleLimits } from "../build/bundle-limits.ts";
import type { StagedBlob, StagedBundle } from "../build/stage-bundle.ts";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { decodeImageManifest, manifestLimit } from "../manifest/image-manifest.ts";
import { verifyLayer } from "./blob-reader.ts";
import { findLayer, located } from "./layer-pieces.ts";
import { loadBundle } from "./load-bundle.ts";
import { blobPath, type StorePaths, storePaths } from "./store-paths.ts";

/** Somewhere a bundle comes from: gives the bytes of its blobs, which nobody has verified. */
export interface BundleOrigin {
  /** The bundle's own manifest, at most {@link manifestLimit} bytes. */
  readonly manifest: Uint8Array;
  blob(part: { digest: Digest; size: number; kind: "config" | "layer" }, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Stages a bundle that comes from elsewhere in a work directory: every blob by its digest and size, documents in the one form there is, layers
 * as their file list describes. Layers that the store has are not fetched again. Throws `invalid` and leaves nothing in the store.
 */
export async function receiveBundle(
  digest: Digest,
  origin: BundleOrigin,
  { paths, work, limits, signal }: { paths: StorePaths; work: string; limits: BundleLimits; signal?: AbortSignal | undefined },
): Promise<StagedBundle> {
  const draft = storePaths(work);
  await mkdir(draft.blobs, { recursive: true });
  if (origin.manifest.length > manifestLimit) throw damaged(`its manifest has more than ${manifestLimit} bytes`);
  const manifest = { digest, size: origin.manifest.length };
  await writeBlob(blobPath(draft, digest), manifest, chunk(origin.manifest));
  const { config } = decodeImageManifest(Buffer.from(origin.manifest));
  await writeBlob(blobPath(draft, config.digest), config, origin.blob({ ...config, kind: "config" }, signal));
  // The documents agree about the layers' sizes before any is fetched, and the limits hold.
  const loaded = await loadBundle(draft, digest, limits);
  const layers: StagedBlob[] = [];
  for (const layer of loaded.layers) {
    const { digest: own, size } = layer;
    const known = await findLayer(paths, own, size);
    if (known !== undefined && (await isWhole(verifyLayer(paths, own, layer.plan)))) {
      layers.push({ digest: own, size, source: located(paths, known) });
      continue;
    }
    const file = blobPath(draft, own);
    await writeBlob(file, layer, origin.blob({ ...layer, kind: "layer" }, signal));
    await verifyLayer(draft, own, layer.plan);
    layers.push({ digest: own, size, source: [{ location: file, offset: 0, size }], file });
  }
  const document = (each: { digest: Digest; size: number }): StagedBlob => ({
    digest: each.digest,
    size: each.size,
    source: [{ location: blobPath(draft, each.digest), offset: 0, size: each.size }],
    file: blobPath(draft, each.digest),
  });
  const blobs = [...layers, document(config), document(manifest)];
  return { digest, blobs, config: loaded.config, size: blobs.reduce((sum, { size }) => sum + size, 0) };
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Writes bytes that must have this digest and size; more of them are not even read. */
async function writeBlob(
  location: string,
  { digest, size }: { digest: Digest; size: number },
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const hash = createHash("sha256");
  let at = 0;
  const checked = async function* () {
    for await (const piece of bytes) {
      at += piece.length;
      if (at > size) throw damaged(`the bytes of ${digest} are more than its ${size}`);
      hash.update(piece);
      yield piece;
    }
  };
  await pipeline(Readable.from(checked()), createWriteStream(location, { flags: "wx", mode: 0o444, flush: true }));
  if (at !== size || `sha256:${hash.digest("hex")}` !== digest)
    throw damaged(`the bytes that came for ${digest} are not its own`);
}

async function isWhole(verification: Promise<void>): Promise<boolean> {
  return verification.then(
    () => true,
    () => false,
  );
}
