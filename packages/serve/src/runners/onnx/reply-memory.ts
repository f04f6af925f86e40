/** Small, because one slow client that holds a view keeps all of a chunk. */
const chunkBytes = 64 * 1024;

/** Where small replies are copied to: chunk after chunk, each freed when the last view of it is gone. Nothing is written twice. */
export class ReplyMemory {
  /** The chunk that was last copied to. */
  current = new ArrayBuffer(0);
  private bytes = new Uint8Array(this.current);
  private used = 0;

  /** Copies the first `length` bytes of `from`, and tells where they begin in {@link current}: at a multiple of 8. */
  copy(from: SharedArrayBuffer, length: number): number {
    if (this.used + length > this.current.byteLength) {
      this.current = new ArrayBuffer(Math.max(chunkBytes, length));
      this.bytes = new Uint8Array(this.current);
      this.used = 0;
    }
    const start = this.used;
    this.bytes.set(new Uint8Array(from, 0, length), start);
    this.used = Math.ceil((start + length) / 8) * 8;
    return start;
  }
}
