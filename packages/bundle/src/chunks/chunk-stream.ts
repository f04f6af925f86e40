import { createHash } from "node:crypto";
import type { Digest } from "../manifest/digest.ts";
import type { Chunk } from "./chunk.ts";
import { Chunker } from "./chunker.ts";

/** Cuts bytes that come in pieces into chunks, each whole in memory when it is handed over. */
export class ChunkStream {
  private readonly chunker: Chunker;
  private readonly take: (chunk: Chunk, bytes: Buffer) => Promise<void>;
  private readonly held: Buffer;
  private holding = 0;

  /** `take` must be done with the bytes when its promise settles. */
  constructor(power: number, take: (chunk: Chunk, bytes: Buffer) => Promise<void>) {
    this.chunker = new Chunker(power);
    this.take = take;
    this.held = Buffer.allocUnsafe(4 * 2 ** power);
  }

  /** The next bytes; done with them when its promise settles. */
  async push(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const end = this.chunker.cut(bytes, at);
      if (end < 0) {
        this.holding += bytes.copy(this.held, this.holding, at);
        return;
      }
      if (this.holding === 0) await this.give(bytes.subarray(at, end));
      else {
        this.holding += bytes.copy(this.held, this.holding, at, end);
        await this.end();
      }
      at = end;
    }
  }

  /** Hands over what is left. */
  async end(): Promise<void> {
    if (this.holding === 0) return;
    const bytes = this.held.subarray(0, this.holding);
    this.holding = 0;
    await this.give(bytes);
  }

  private give(bytes: Buffer): Promise<void> {
    const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    return this.take({ digest, size: bytes.length }, bytes);
  }
}
