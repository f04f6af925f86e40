import type { BundleBlobs, LayerBlob } from "../image/model-image.ts";
import { damaged } from "../manifest/decode.ts";
import { type BlobRef, configLimit, manifestLimit, mediaTypes } from "../manifest/image-manifest.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import { openLayer, readBlob, readRange } from "./blob-reader.ts";
import { blobSize, findLayer } from "./layer-pieces.ts";
import type { LoadedBundle } from "./load-bundle.ts";
import type { StorePaths } from "./store-paths.ts";

/** A bundle's blobs where they lie: its documents in memory, its layers as files that are opened when they are read. */
export async function bundleBlobs(paths: StorePaths, { digest, configBlob, layers }: LoadedBundle): Promise<BundleBlobs> {
  return {
    digest,
    manifest: await readBlob(paths, digest, manifestLimit),
    config: await readBlob(paths, configBlob.digest, configLimit),
    layers: await Promise.all(layers.map((layer) => layerBlob(paths, layer))),
  };
}

async function layerBlob(paths: StorePaths, layer: BlobRef): Promise<LayerBlob> {
  const source = storedBlob(paths, layer);
  const list = await findLayer(paths, layer.digest, layer.size);
  if (list === undefined || list.some(({ blob }) => blob === layer.digest)) return source;
  const blobs = await Promise.all(
    [...new Set(list.map(({ blob }) => blob))].map(async (blob) => {
      const size = await blobSize(paths, blob);
      if (size === undefined) throw damaged(`its blob ${blob} is missing`);
      return storedBlob(paths, { digest: blob, size });
    }),
  );
  return { ...source, pieces: { list, blobs } };
}

function storedBlob(paths: StorePaths, { digest, size }: BlobRef): BlobSource {
  return {
    digest,
    size,
    mediaType: mediaTypes.layer,
    open: async function* (from) {
      const handle = await openLayer(paths, { digest, size });
      try {
        yield* readRange(handle, from, size - from);
      } finally {
        await handle.close();
      }
    },
  };
}
