import { SlipwayError } from "@slipway/base";
import { malformedCall } from "./malformed-call.ts";

/** A flag and four bytes of length stand before each message. */
export const prefixBytes = 5;

/** A message as it came. */
export interface ReceivedMessage {
  readonly compressed: boolean;
  readonly bytes: Buffer;
}

/** Finds messages in the bytes of a call. Keeps what came and no more: what a prefix claims is not taken from memory. */
export class MessageReader {
  private readonly limit: number;
  private chunks: Buffer[] = [];
  private size = 0;
  /** Of the message that has begun, once its prefix is there. */
  private length: number | undefined;
  private compressed = false;

  /** `limit` is the largest message in bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether a part of a message is there. */
  get begun(): boolean {
    return this.size > 0 || this.length !== undefined;
  }

  /** More bytes came. */
  add(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The next whole message, if it is there. Throws `tooLarge` at once when its prefix says so, and `badRequest` of status INTERNAL when the prefix is none. */
  take(): ReceivedMessage | undefined {
    if (this.length === undefined) {
      if (this.size < prefixBytes) return undefined;
      const prefix = this.cut(prefixBytes);
      const flag = prefix[0]!;
      if (flag > 1) throw malformed(`begins with ${flag}, not with the flag 0 or 1`);
      const length = prefix.readUInt32BE(1);
      if (length > this.limit) throw tooLarge(this.limit);
      this.length = length;
      this.compressed = flag === 1;
    }
    if (this.size < this.length) return undefined;
    const bytes = this.cut(this.length);
    this.length = undefined;
    return { compressed: this.compressed, bytes };
  }

  /** The caller has sent all it will. Throws when that is not the end of a message. */
  end(): void {
    if (!this.begun) return;
    throw malformed(
      this.length === undefined
        ? `ends after ${this.size} bytes of the ${prefixBytes} before a message`
        : `ends after ${this.size} bytes of a message that is said to have ${this.length}`,
    );
  }

  private cut(size: number): Buffer {
    if (size === 0) return Buffer.alloc(0);
    const first = this.chunks[0]!;
    let whole: Buffer;
    if (first.length >= size) {
      whole = first.subarray(0, size);
      if (first.length === size) this.chunks.shift();
      else this.chunks[0] = first.subarray(size);
    } else {
      const all = Buffer.concat(this.chunks, this.size);
      whole = all.subarray(0, size);
      this.chunks = this.size === size ? [] : [all.subarray(size)];
    }
    this.size -= size;
    return whole;
  }
}

/** A message above the limit. */
export function tooLarge(limit: number): SlipwayError {
  return new SlipwayError("tooLarge", `The message is larger than ${limit} bytes, the limit of this server.`);
}

function malformed(what: string): SlipwayError {
  return malformedCall(`The body of the call is not gRPC's: it ${what}.`);
}
