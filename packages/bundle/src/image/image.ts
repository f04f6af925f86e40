import type { Digest } from "../manifest/digest.ts";
import { type BlobSource, memoryBlob } from "../registry/blob-source.ts";
import type { Document } from "../registry/registry-client.ts";
import type { Architecture } from "./architecture.ts";

/** A layer of an image: its blob, and the digest of the archive in it before compression. */
export interface ImageLayer {
  readonly blob: BlobSource;
  readonly diffId: Digest;
}

/** What a container of an image runs. */
export interface ImageRun {
  readonly entrypoint: readonly string[];
  /** User and group by number, so that nothing needs to look them up. */
  readonly user: string;
  readonly env: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An image for one architecture. */
export interface Image {
  readonly architecture: Architecture;
  readonly document: Document;
  /** Configuration and layers. */
  readonly blobs: readonly BlobSource[];
  readonly layers: readonly ImageLayer[];
  readonly run: ImageRun;
}

/** What is pushed under one reference: an image, or an index over images of several architectures. */
export interface Release {
  /** The manifest, or the index over {@link images}. */
  readonly document: Document;
  readonly images: readonly Image[];
}

/** Media types of what is composed here. */
export const imageTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  tar: "application/vnd.oci.image.layer.v1.tar",
  gzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstd: "application/vnd.oci.image.layer.v1.tar+zstd",
} as const;

/** When everything was made: never, so that the same content has the same digest. */
const created = "1970-01-01T00:00:00Z";

/** An image of layers. Nothing but its arguments decides its digest. */
export function composeImage(architecture: Architecture, layers: readonly ImageLayer[], run: ImageRun): Image {
  const config = memoryBlob(
    imageTypes.config,
    JSON.stringify({
      created,
      architecture,
      os: "linux",
      config: { User: run.user, Env: run.env, Entrypoint: run.entrypoint, WorkingDir: "/", Labels: sorted(run.labels) },
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created, created_by: "slipway" })),
    }),
  );
  const manifest = memoryBlob(
    imageTypes.manifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageTypes.manifest,
      config: descriptor(config),
      layers: layers.map(({ blob }) => descriptor(blob)),
      annotations: sorted(run.labels),
    }),
  );
  return { architecture, document: manifest, blobs: [...layers.map(({ blob }) => blob), config], layers, run };
}

/** What is pushed for images of the same content: the image itself when there is one, else an index in the order of architectures. */
export function composeRelease(images: readonly Image[]): Release {
  const [only, ...others] = images;
  if (only !== undefined && others.length === 0) return { document: only.document, images };
  const inOrder = images.toSorted((a, b) => (a.architecture < b.architecture ? -1 : 1));
  const manifests = inOrder.map(({ architecture, document: { mediaType, digest, bytes } }) => ({
    mediaType,
    digest,
    size: bytes.length,
    platform: { architecture, os: "linux" },
  }));
  const index = { schemaVersion: 2, mediaType: imageTypes.index, manifests, annotations: sorted(inOrder[0]?.run.labels ?? {}) };
  return { document: memoryBlob(imageTypes.index, JSON.stringify(index)), images: inOrder };
}

function descriptor({ mediaType, digest, size }: BlobSource) {
  return { mediaType, digest, size };
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
