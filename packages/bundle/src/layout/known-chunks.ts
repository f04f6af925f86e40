import type { BundleLimits } from "../build/bundle-limits.ts";
import type { KnownChunks } from "../build/write-chunked-layer.ts";
import type { Digest } from "../manifest/digest.ts";
import type { BlobRef } from "../manifest/image-manifest.ts";
import { chunksOf } from "./chunk-index.ts";
import { type BlobPiece, findLayer, mostBlobs, within } from "./layer-pieces.ts";
import { readIndex } from "./layout-index.ts";
import { type LoadedBundle, loadBundle } from "./load-bundle.ts";
import type { StorePaths } from "./store-paths.ts";

/** Layers that are looked into at most: each may have to be read. */
const mostLayers = 4;
/** Bundles that are looked at for them. */
const mostBundles = 64;

/**
 * Chunks of layers that hold another content of the same file: what a fine-tune is likely to share. Undefined when the store has none. They
 * are where they were when they were found; whoever uses them must see that they still are, with the store locked.
 */
export async function knownChunks(
  paths: StorePaths,
  limits: BundleLimits,
  { path, size, power }: { path: string; size: number; power: number },
): Promise<KnownChunks | undefined> {
  const layers = new Map<Digest, BlobRef>();
  for (const { digest } of (await readIndex(paths)).slice(0, mostBundles)) {
    const bundle = await loadBundle(paths, digest, limits).catch(() => undefined);
    const layer = bundle && layerOf(bundle, path);
    if (layer !== undefined && layer.size >= size / 2 && layer.size <= size * 2) layers.set(layer.digest, layer);
    if (layers.size === mostLayers) break;
  }
  const places = new Map<Digest, { readonly layer: readonly BlobPiece[]; readonly offset: number; readonly size: number }>();
  for (const layer of layers.values()) {
    const pieces = await findLayer(paths, layer.digest, layer.size).catch(() => undefined);
    if (pieces === undefined || new Set(pieces.map(({ blob }) => blob)).size >= mostBlobs) continue;
    let offset = 0;
    for (const chunk of await chunksOf(paths, layer, power)) {
      if (!places.has(chunk.digest)) places.set(chunk.digest, { layer: pieces, offset, size: chunk.size });
      offset += chunk.size;
    }
  }
  if (places.size === 0) return undefined;
  return {
    power,
    find(chunk) {
      const place = places.get(chunk);
      return place && within(place.layer, place.offset, place.size);
    },
  };
}

/** The layer that holds nothing but this file. */
function layerOf(bundle: LoadedBundle, path: string): BlobRef | undefined {
  return bundle.layers.find(({ plan }) => plan.files.length === 1 && plan.files[0]!.path === path);
}
