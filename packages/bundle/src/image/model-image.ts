import { SlipwayError } from "@slipway/base";
import type { BlobPiece } from "../layout/layer-pieces.ts";
import { imageBundlePath } from "../layout/read-image-bundle.ts";
import type { Digest } from "../manifest/digest.ts";
import type { BlobSource } from "../registry/blob-source.ts";
import { composeImage, composeRelease, type Image, imageTypes, type Release } from "./image.ts";
import { plainLayer } from "./pack-layer.ts";

/** A layer, always readable whole. */
export interface LayerBlob extends BlobSource {
  /** How the store keeps it, when it is no blob of its own there. */
  readonly pieces?: { readonly list: readonly BlobPiece[]; readonly blobs: readonly BlobSource[] };
}

/** A bundle's blobs, ready to be pushed or to become layers. */
export interface BundleBlobs {
  readonly digest: Digest;
  /** The bundle's own manifest, byte for byte. */
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layers: readonly LayerBlob[];
}

/** Label and annotation of an image that holds a bundle: the bundle's digest. */
export const bundleLabel = "dev.slipway.bundle";

/** Where a bundle's own documents lie in an image. A replica demands that they have the digest its revision names. */
export const bundleFacts = { manifest: `${imageBundlePath}/manifest.json`, config: `${imageBundlePath}/config.json` } as const;

/**
 * The image that runs a bundle: the runtime's layers, the bundle's own as they are, and its two documents. One for each architecture the
 * runtime has; the same runtime and bundle always give the same digest. Throws `unimplemented` for a model whose runtime no image has.
 */
export function modelImage(runtime: Release, bundle: BundleBlobs): Release {
  refuseText(bundle);
  const own = bundle.layers.map(({ pieces: _, ...blob }) => ({
    blob: { ...blob, mediaType: imageTypes.tar },
    diffId: blob.digest,
  }));
  const facts = plainLayer([
    { path: "slipway/", mode: 0o755 },
    { path: `${imageBundlePath}/`, mode: 0o755 },
    { path: bundleFacts.manifest, mode: 0o644, content: bundle.manifest },
    { path: bundleFacts.config, mode: 0o644, content: bundle.config },
  ]);
  return composeRelease(
    runtime.images.map(({ architecture, layers, run }: Image) =>
      composeImage(architecture, [...layers, ...own, facts], { ...run, labels: { ...run.labels, [bundleLabel]: bundle.digest } }),
    ),
  );
}

/** llama.cpp is installed when a model first needs it, which a pod, without npm and a writable file system, cannot do. */
function refuseText({ config }: BundleBlobs): void {
  if (!config.includes('"format":"llama"')) return;
  throw new SlipwayError("unimplemented", "A GGUF model has no image yet: no runtime image has llama.cpp in it.", {
    hint: "Serve it on one machine, with `slipway up` or `slipway serve`.",
  });
}
