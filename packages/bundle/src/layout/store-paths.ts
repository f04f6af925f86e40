import { join } from "node:path";
import { type Digest, hexOf } from "../manifest/digest.ts";

/** Where things lie in a store: an OCI image layout with folders of our own beside it. */
export interface StorePaths {
  readonly root: string;
  readonly blobs: string;
  /** Layers that are no blobs of their own: where their bytes lie in others. */
  readonly pieces: string;
  /** What came of layers whose transfer was interrupted. */
  readonly partial: string;
  readonly unpacked: string;
  /** Environments, by the digest of their layer: several bundles may share one. */
  readonly environments: string;
  /** What is not whole yet, or is being deleted. */
  readonly temporary: string;
  readonly cache: string;
  readonly index: string;
  readonly layout: string;
  readonly lock: string;
}

/** The paths of the store at `root`. */
export function storePaths(root: string): StorePaths {
  return {
    root,
    blobs: join(root, "blobs", "sha256"),
    pieces: join(root, "pieces", "sha256"),
    partial: join(root, "partial"),
    unpacked: join(root, "unpacked", "sha256"),
    environments: join(root, "unpacked", "environments"),
    temporary: join(root, "tmp"),
    cache: join(root, "cache"),
    index: join(root, "index.json"),
    layout: join(root, "oci-layout"),
    lock: join(root, "lock.db"),
  };
}

/** Where the blob of this digest lies. */
export function blobPath(paths: StorePaths, digest: Digest): string {
  return join(paths.blobs, hexOf(digest));
}

/** Where it is written which bytes of other blobs the layer of this digest is made of. */
export function piecesPath(paths: StorePaths, digest: Digest): string {
  return join(paths.pieces, hexOf(digest));
}

/** Where the files of this bundle lie once unpacked. */
export function unpackedPath(paths: StorePaths, digest: Digest): string {
  return join(paths.unpacked, hexOf(digest));
}

/** Where the parts of a blob whose transfer was interrupted are kept for the next one. */
export function partialPath(paths: StorePaths, digest: Digest): string {
  return join(paths.partial, hexOf(digest));
}
