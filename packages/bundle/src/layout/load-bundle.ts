import { stat } from "node:fs/promises";
import type { BundleLimits } from "../build/bundle-limits.ts";
import { type BundleConfig, decodeBundleConfig } from "../manifest/bundle-config.ts";
import { damaged } from "../manifest/decode.ts";
import type { Digest } from "../manifest/digest.ts";
import { type BlobRef, configLimit, decodeImageManifest, manifestLimit } from "../manifest/image-manifest.ts";
import { type LayerPlan, planLayers } from "../manifest/plan-layers.ts";
import { readBlob } from "./blob-reader.ts";
import { findLayer } from "./layer-pieces.ts";
import { blobPath, type StorePaths } from "./store-paths.ts";

/** A file of a bundle and where its bytes are. */
export interface StoredFile {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
  readonly layer: BlobRef;
  readonly offset: number;
}

/** A bundle's documents, verified and agreeing with each other. */
export interface LoadedBundle {
  readonly digest: Digest;
  readonly configBlob: BlobRef;
  readonly config: BundleConfig;
  readonly layers: readonly (BlobRef & { readonly plan: LayerPlan })[];
  readonly files: ReadonlyMap<string, StoredFile>;
}

/**
 * Reads manifest and config of a bundle: both must have their digests, be in the one form this version writes, and agree about layers and
 * sizes. Throws `notFound` without a manifest, `invalid` for anything else.
 */
export async function loadBundle(paths: StorePaths, digest: Digest, limits: BundleLimits): Promise<LoadedBundle> {
  const image = decodeImageManifest(await readBlob(paths, digest, manifestLimit));
  const config = decodeBundleConfig(await part(readBlob(paths, image.config.digest, configLimit), image.config.digest), limits);
  const plans = planLayers(config.files);
  const agree =
    plans.length === image.layers.length &&
    plans.length === config.layers.length &&
    image.layers.every((layer, i) => layer.digest === config.layers[i] && layer.size === plans[i]!.size);
  if (!agree) throw damaged("its manifest and its config do not agree about the layers");
  const layers = image.layers.map((layer, i) => ({ ...layer, plan: plans[i]! }));
  const digests = new Map(config.files.map((file) => [file.path, file.digest]));
  const files = new Map<string, StoredFile>();
  for (const layer of layers) {
    for (const file of layer.plan.files) files.set(file.path, { ...file, digest: digests.get(file.path)!, layer });
  }
  return { digest, configBlob: image.config, config, layers, files };
}

/** Demands that every layer is there and has its size: what can be checked without reading it. */
export async function checkLayerSizes(paths: StorePaths, bundle: LoadedBundle): Promise<void> {
  for (const { digest, size } of bundle.layers) {
    if ((await findLayer(paths, digest, size)) !== undefined) continue;
    const found = await part(stat(blobPath(paths, digest)), digest);
    throw damaged(`its layer ${digest} has ${found.size} bytes instead of ${size}`);
  }
}

/** A part that is missing makes the bundle damaged, not absent. */
async function part<T>(reading: Promise<T>, digest: Digest): Promise<T> {
  try {
    return await reading;
  } catch (caught) {
    const code = (caught as { code?: unknown }).code;
    if (code === "ENOENT" || code === "notFound") throw damaged(`its blob ${digest} is missing`);
    throw caught;
  }
}
