import type { BundleManifest } from "./bundle-manifest.ts";
import type { Digest } from "./digest.ts";

/** A verified bundle in a store. */
export interface Bundle {
  readonly digest: Digest;
  readonly manifest: BundleManifest;
  /** The bytes of one file, in chunks. Throws `notFound` for a path the manifest does not list. */
  open(path: string): AsyncIterable<Uint8Array>;
  /** One whole file; throws `tooLarge` above `limitBytes`, before reading. */
  read(path: string, limitBytes: number): Promise<Buffer>;
  /** A directory with all files as real, verified, read-only files; join a manifest's paths to it. Made once per digest and shared. */
  materialize(): Promise<string>;
}
