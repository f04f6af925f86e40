/** Bytes of this size and above are kept as they are until the end instead of being copied twice. */
const largeBytes = 512;

/** Writes protobuf's encoding; what is large is copied once, into the whole message. */
export class WireWriter {
  private readonly chunks: Uint8Array[] = [];
  private small = Buffer.allocUnsafe(256);
  private used = 0;
  private total = 0;

  /** Bytes written so far. */
  get size(): number {
    return this.total + this.used;
  }

  /** A field's number and wire type. */
  tag(number: number, type: number): void {
    this.varint((number << 3) | type);
  }

  /** A number from 0 to 2^53. */
  varint(value: number): void {
    this.room(10);
    let rest = value;
    while (rest >= 0x80) {
      this.small[this.used++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.small[this.used++] = rest;
  }

  /** Any whole number of 64 bits. */
  bigint(value: bigint): void {
    this.room(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.small[this.used++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.small[this.used++] = Number(rest);
  }

  float(value: number): void {
    this.room(4);
    this.used = this.small.writeFloatLE(value, this.used);
  }

  double(value: number): void {
    this.room(8);
    this.used = this.small.writeDoubleLE(value, this.used);
  }

  string(text: string): void {
    this.bytes(Buffer.from(text, "utf8"));
  }

  /** Bytes with their length before them. They must not change until {@link whole}. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.append(bytes);
  }

  /** What another writer wrote, with its length before it. */
  nested(writer: WireWriter): void {
    this.varint(writer.size);
    writer.flush();
    for (const chunk of writer.chunks) this.append(chunk);
  }

  /** The whole message. */
  whole(): Buffer {
    this.flush();
    return Buffer.concat(this.chunks, this.total);
  }

  /** The whole message in pieces; the large ones are those that were given. */
  pieces(): readonly Uint8Array[] {
    this.flush();
    return this.chunks;
  }

  private append(bytes: Uint8Array): void {
    if (bytes.length < largeBytes) {
      this.room(bytes.length);
      this.small.set(bytes, this.used);
      this.used += bytes.length;
      return;
    }
    this.flush();
    this.chunks.push(bytes);
    this.total += bytes.length;
  }

  private room(size: number): void {
    if (this.used + size <= this.small.length) return;
    this.flush();
    this.small = Buffer.allocUnsafe(Math.max(1024, size));
  }

  private flush(): void {
    if (this.used === 0) return;
    this.chunks.push(this.small.subarray(0, this.used));
    this.total += this.used;
    this.small = this.small.subarray(this.used);
    this.used = 0;
  }
}
