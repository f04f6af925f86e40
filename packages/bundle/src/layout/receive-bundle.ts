import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BundleLimits } from "../build/bundle-limits.ts";
import type { StagedBlob, StagedBundle } from "../build/stage-bundle.ts";
import type { Progress } from "../image/push-release.ts";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { type BlobRef, decodeImageManifest, manifestLimit } from "../manifest/image-manifest.ts";
import { verifyFile, verifyLayer } from "./blob-reader.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { fetchBlobs } from "./fetch-blobs.ts";
import { addPiece, type BlobPiece, findLayer, located, within } from "./layer-pieces.ts";
import { type LoadedBundle, loadBundle } from "./load-bundle.ts";
import { type Piece, PieceFile } from "./piece-file.ts";
import { blobPath, type StorePaths, storePaths } from "./store-paths.ts";

/** Somewhere a bundle comes from: gives the bytes of its blobs, which nobody has verified. */
export interface BundleOrigin {
  /** The bundle's own manifest, at most {@link manifestLimit} bytes. */
  readonly manifest: Uint8Array;
  /** The bytes of a blob from byte `from` (default 0) on. */
  blob(
    part: { digest: Digest; size: number; kind: "config" | "layer" },
    signal?: AbortSignal,
    from?: number,
  ): AsyncIterable<Uint8Array>;
  /** Layers that come as pieces of other blobs, and those blobs. */
  readonly pieced?: { readonly layers: ReadonlyMap<Digest, readonly BlobPiece[]>; readonly blobs: readonly BlobRef[] };
}

/** What {@link receiveBundle} works with. */
export interface ReceiveContext {
  readonly paths: StorePaths;
  /** An empty directory of its own. */
  readonly work: string;
  readonly limits: BundleLimits;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

type Layer = LoadedBundle["layers"][number];

/**
 * Stages a bundle that comes from elsewhere in a work directory: every blob by its digest and size, documents in the one form there is, layers
 * as their file list describes. What the store has is not fetched again. Throws `invalid` and leaves nothing in the store, but the parts of an
 * interrupted transfer for the next one.
 */
export async function receiveBundle(digest: Digest, origin: BundleOrigin, context: ReceiveContext): Promise<StagedBundle> {
  const { paths, work, limits, signal } = context;
  const draft = storePaths(work);
  await mkdir(draft.blobs, { recursive: true });
  if (origin.manifest.length > manifestLimit) throw damaged(`its manifest has more than ${manifestLimit} bytes`);
  const nothing = join(work, "nothing");
  const manifest = { digest, size: origin.manifest.length };
  await fetchBlob(blobPath(draft, digest), manifest, nothing, () => chunk(origin.manifest));
  const { config } = decodeImageManifest(Buffer.from(origin.manifest));
  const asConfig = { ...config, kind: "config" } as const;
  await fetchBlob(blobPath(draft, config.digest), config, nothing, (at) => origin.blob(asConfig, signal, at));
  // The documents agree about the layers' sizes before any is fetched, and the limits hold.
  const loaded = await loadBundle(draft, digest, limits);
  const there = new Map<Digest, StagedBlob>();
  for (const layer of loaded.layers) {
    const known = await findLayer(paths, layer.digest, layer.size);
    if (known === undefined || !(await isWhole(verifyLayer(paths, layer.digest, layer.plan)))) continue;
    there.set(layer.digest, { digest: layer.digest, size: layer.size, source: located(paths, known) });
  }
  const missing = loaded.layers.filter((layer) => !there.has(layer.digest));
  const staged = await stageMissing(missing, origin, context, draft);
  const layers = loaded.layers.map((layer) => there.get(layer.digest) ?? staged.get(layer.digest)!);
  const document = (each: BlobRef): StagedBlob => ({ ...plain(draft, each), digest: each.digest, size: each.size });
  const blobs = [...layers, document(config), document(manifest)];
  return { digest, blobs, config: loaded.config, size: blobs.reduce((sum, { size }) => sum + size, 0) };
}

/** Fetches what layers need, all at once, and verifies each layer as a whole. */
async function stageMissing(
  layers: readonly Layer[],
  origin: BundleOrigin,
  context: ReceiveContext,
  draft: StorePaths,
): Promise<Map<Digest, StagedBlob>> {
  const { paths } = context;
  const sizes = new Map(origin.pieced?.blobs.map((blob) => [blob.digest, blob.size]));
  const needed = new Map<Digest, number>();
  const local = new Map<Digest, readonly BlobPiece[]>();
  const pieces = (layer: Layer) => origin.pieced?.layers.get(layer.digest);
  for (const layer of layers) {
    const blobs = pieces(layer)?.map(({ blob }) => blob) ?? [layer.digest];
    for (const blob of new Set(blobs)) {
      const size = blob === layer.digest ? layer.size : sizes.get(blob)!;
      const known = blob === layer.digest ? undefined : await findLayer(paths, blob, size);
      if (known === undefined) needed.set(blob, size);
      else local.set(blob, known);
    }
  }
  const asRefs = (blobs: ReadonlyMap<Digest, number>): BlobRef[] => [...blobs].map(([digest, size]) => ({ digest, size }));
  await fetchBlobs(asRefs(needed), origin, context, draft);
  const staged = new Map<Digest, StagedBlob>();
  for (const layer of layers) {
    const list = pieces(layer);
    const make = () => (list === undefined ? plain(draft, layer) : assembled(list, local, sizes, paths, draft));
    let blob = make();
    if (!(await isWhole(verify(blob, layer)))) {
      // A blob of this store may have rotted: what came from it is fetched, too.
      const doubtful = new Map(
        (list ?? []).flatMap((piece) => (local.delete(piece.blob) ? [[piece.blob, sizes.get(piece.blob)!]] : [])),
      );
      await fetchBlobs(asRefs(doubtful), origin, context, draft);
      blob = make();
      await verify(blob, layer);
    }
    staged.set(layer.digest, { ...blob, digest: layer.digest, size: layer.size });
  }
  return staged;
}

type Placed = Omit<StagedBlob, "digest" | "size">;

/** A blob that was fetched and becomes one. */
function plain(draft: StorePaths, { digest, size }: BlobRef): Placed {
  const file = blobPath(draft, digest);
  return { source: [{ location: file, offset: 0, size }], file };
}

/** A layer whose bytes lie in blobs that were fetched and in some that the store has. */
function assembled(
  list: readonly BlobPiece[],
  local: ReadonlyMap<Digest, readonly BlobPiece[]>,
  sizes: ReadonlyMap<Digest, number>,
  paths: StorePaths,
  draft: StorePaths,
): Placed {
  const pieces: BlobPiece[] = [];
  const source: Piece[] = [];
  for (const piece of list) {
    const known = local.get(piece.blob);
    const parts = known === undefined ? [piece] : within(known, piece.offset, piece.size);
    source.push(...located(known === undefined ? draft : paths, parts));
    for (const part of parts) addPiece(pieces, part);
  }
  const fetched = [...new Set(list.map(({ blob }) => blob))].filter((blob) => !local.has(blob));
  const packs = fetched.map((blob) => ({ digest: blob, size: sizes.get(blob)!, file: blobPath(draft, blob) }));
  return { source, pieces, packs };
}

async function verify({ source }: Placed, { digest, size, plan }: Layer): Promise<void> {
  const file = await PieceFile.open(source);
  if (file.size !== size) {
    await file.close();
    throw damaged(`the pieces of its layer ${digest} have ${file.size} bytes instead of ${size}`);
  }
  await verifyFile(file, digest, plan);
}

async function* chunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function isWhole(verification: Promise<void>): Promise<boolean> {
  return verification.then(
    () => true,
    (caught: { readonly code?: unknown }) => {
      if (caught.code === "invalid" || caught.code === "notFound") return false;
      throw caught;
    },
  );
}
