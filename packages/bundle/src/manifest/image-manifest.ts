import { Decoder } from "./decode.ts";
import type { Digest } from "./digest.ts";

/** Media types, https://github.com/opencontainers/image-spec/blob/main/media-types.md; layers are never compressed: weights do not shrink. */
export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  artifact: "application/vnd.slipway.bundle.v1",
} as const;

/** Bytes of a manifest that are read at most. */
export const manifestLimit = 2 ** 20;
/** Layers of a bundle: an overlay file system mounts about 127, and the runtime's own come on top. */
export const layerLimit = 100;
/** Bytes of a config that are read at most: the 70,000 files that a bundle may have fit. */
export const configLimit = 32 * 2 ** 20;

/** A blob by digest and bytes. */
export interface BlobRef {
  readonly digest: Digest;
  readonly size: number;
}

/** The OCI image manifest of a bundle. */
export interface ImageManifest {
  readonly config: BlobRef;
  readonly layers: readonly BlobRef[];
}

/** The one encoding of a manifest. */
export function encodeImageManifest({ config, layers }: ImageManifest): Buffer {
  const descriptor = (mediaType: string, { digest, size }: BlobRef) => ({ mediaType, digest, size });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: mediaTypes.artifact,
      config: descriptor(mediaTypes.config, config),
      layers: layers.map((layer) => descriptor(mediaTypes.layer, layer)),
    }),
  );
}

/** Reads what {@link encodeImageManifest} wrote and nothing else: unknown media types, `urls` and nested indexes are refused with `invalid`. */
export function decodeImageManifest(bytes: Buffer): ImageManifest {
  const root = Decoder.parse(bytes, "manifest");
  root.get("schemaVersion").is(2);
  root.get("mediaType").is(mediaTypes.manifest);
  root.get("artifactType").is(mediaTypes.artifact);
  const blob = (descriptor: Decoder, mediaType: string, limit?: number): BlobRef => {
    descriptor.get("mediaType").is(mediaType);
    return { digest: descriptor.get("digest").digest(), size: descriptor.get("size").size(limit) };
  };
  const manifest = {
    config: blob(root.get("config"), mediaTypes.config, configLimit),
    layers: root
      .get("layers")
      .list(layerLimit)
      .map((layer) => blob(layer, mediaTypes.layer)),
  };
  Decoder.demandCanonical(bytes, encodeImageManifest(manifest), "manifest");
  return manifest;
}
