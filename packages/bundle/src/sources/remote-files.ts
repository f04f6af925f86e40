import type { Digest } from "../manifest/digest.ts";

/** A file of a model somewhere else. */
export interface RemoteFile {
  /** Where it comes to lie in the model's directory. */
  readonly path: string;
  /** Bytes, where they are known before. */
  readonly size?: number;
  /** Changes with every change of the bytes; absent where nothing does. */
  readonly version?: string;
  /** What the bytes must be, where it is known before. */
  readonly digest?: Digest;
  /** The bytes from `at` on. Throws `conflict` when they are no longer those of {@link version}. */
  open(at: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What a source holds now. */
export interface RemoteModel {
  readonly files: readonly RemoteFile[];
  /** For provenance: the address, and the commit or version it had. */
  readonly address: string;
  readonly revision?: string;
}
