/** Many byte strings inside one message, as places instead of objects: a message of empty ones must not cost more than it weighs. */
export class BytesList {
  private readonly source: Buffer;
  private readonly places: number[] = [];

  constructor(source: Buffer) {
    this.source = source;
  }

  get length(): number {
    return this.places.length / 2;
  }

  /** A view of one of them. */
  at(index: number): Buffer {
    return this.source.subarray(this.places[2 * index], this.places[2 * index + 1]);
  }

  /** Bytes that one of them has. */
  sizeAt(index: number): number {
    return this.places[2 * index + 1]! - this.places[2 * index]!;
  }

  /** Appends the bytes of the source from `start` to `end` (without). */
  add(start: number, end: number): void {
    this.places.push(start, end);
  }
}

/** No byte strings. */
export const noBytes = new BytesList(Buffer.alloc(0));
