import { SlipwayError } from "@slipway/base";
import type { BlobSource } from "./blob-source.ts";

/** Reads a blob in pieces. Read in order, the blob is opened once, although it may come over a network. */
export class PieceReader {
  private readonly source: BlobSource;
  private readonly signal: AbortSignal | undefined;
  private iterator: AsyncIterator<Uint8Array> | undefined;
  private position = 0;
  private rest: Uint8Array = new Uint8Array();

  constructor(source: BlobSource, signal: AbortSignal | undefined) {
    this.source = source;
    this.signal = signal;
  }

  /** The bytes from `at` on: `length` of them, fewer only at the blob's end. */
  async read(at: number, length: number): Promise<Buffer> {
    if (this.iterator === undefined || at !== this.position) await this.restart(at);
    const wanted = Math.min(length, this.source.size - at);
    const chunks: Uint8Array[] = [this.rest];
    let size = this.rest.length;
    while (size < wanted) {
      const next = await this.iterator!.next();
      if (next.done) {
        this.iterator = undefined;
        throw new SlipwayError(
          "invalid",
          `The blob ${this.source.digest} ends early, at ${at + size} of ${this.source.size} bytes.`,
        );
      }
      chunks.push(next.value);
      size += next.value.length;
    }
    const bytes = Buffer.concat(chunks);
    this.position = at + wanted;
    this.rest = bytes.subarray(wanted);
    return bytes.subarray(0, wanted);
  }

  /** Lets go of what the blob is read from. */
  async close(): Promise<void> {
    await this.iterator?.return?.();
    this.iterator = undefined;
  }

  private async restart(at: number): Promise<void> {
    await this.close();
    this.iterator = this.source.open(at, this.signal)[Symbol.asyncIterator]();
    this.position = at;
    this.rest = new Uint8Array();
  }
}
