import type { BundleBlobs } from "../image/model-image.ts";
import { configLimit, manifestLimit, mediaTypes } from "../manifest/image-manifest.ts";
import { openLayer, readBlob, readRange } from "./blob-reader.ts";
import type { LoadedBundle } from "./load-bundle.ts";
import type { StorePaths } from "./store-paths.ts";

/** A bundle's blobs where they lie: its documents in memory, its layers as files that are opened when they are read. */
export async function bundleBlobs(paths: StorePaths, { digest, configBlob, layers }: LoadedBundle): Promise<BundleBlobs> {
  return {
    digest,
    manifest: await readBlob(paths, digest, manifestLimit),
    config: await readBlob(paths, configBlob.digest, configLimit),
    layers: layers.map((layer) => ({
      digest: layer.digest,
      size: layer.size,
      mediaType: mediaTypes.layer,
      open: async function* (from) {
        const handle = await openLayer(paths, layer);
        try {
          yield* readRange(handle, from, layer.size - from);
        } finally {
          await handle.close();
        }
      },
    })),
  };
}
