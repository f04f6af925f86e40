import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** Bytes that a registry keeps under their digest. */
export interface Blob {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A compressed layer, and the digest of its tar archive before compression, which an image's configuration names. */
export interface Layer {
  readonly blob: Blob;
  readonly diffId: string;
}

/** An OCI image in memory: made from layers, without a daemon. */
export interface Image {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

/** What a container of the image runs. */
export interface ImageRun {
  readonly entrypoint?: readonly string[];
  readonly user?: string;
  readonly env?: readonly string[];
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** A layer of a tar archive. */
export function layer(archive: Buffer): Layer {
  const bytes = gzipSync(archive, { level: 1 });
  return { blob: blob("application/vnd.oci.image.layer.v1.tar+gzip", bytes), diffId: digestOf(archive) };
}

/** An image for this machine's architecture. */
export function image(layers: readonly Layer[], run: ImageRun): Image {
  const config = blob("application/vnd.oci.image.config.v1+json", {
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    config: {
      Env: run.env ?? ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ...(run.entrypoint === undefined ? {} : { Entrypoint: run.entrypoint }),
      ...(run.user === undefined ? {} : { User: run.user }),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const blobs = [config, ...layers.map((each) => each.blob)];
  const describe = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = { schemaVersion: 2, mediaType, config: describe(config), layers: layers.map((each) => describe(each.blob)) };
  return { manifest: blob(mediaType, manifest), blobs };
}

function blob(mediaType: string, content: Buffer | object): Blob {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
