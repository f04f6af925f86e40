import { createHash } from "node:crypto";
import type { Digest } from "../manifest/digest.ts";
import type { Repository } from "./image-reference.ts";

/** A blob that can be read, as often as it takes and from any byte on. */
export interface BlobSource {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  open(from: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** A repository that has it: another repository of the same registry can take it over without a byte moving. */
  readonly origin?: Repository;
}

/** A small blob in memory. */
export function memoryBlob(mediaType: string, content: Uint8Array | string): BlobSource & { readonly bytes: Buffer } {
  const bytes = Buffer.from(content as string);
  const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return {
    digest,
    size: bytes.length,
    mediaType,
    bytes,
    open: async function* (from) {
      yield bytes.subarray(from);
    },
  };
}
