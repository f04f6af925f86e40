/** A line longer than this is given in pieces, so that a writer without line ends cannot fill the memory. */
const longestLine = 1024 * 1024;

/** Bytes in pieces → lines of UTF-8 without their ends. */
export class LineSplitter {
  private rest: Buffer = Buffer.alloc(0);

  /** The lines that this piece completes. */
  *push(piece: Buffer): Iterable<string> {
    let data = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    for (;;) {
      const end = data.indexOf(10);
      if (end === -1 && data.length <= longestLine) break;
      const length = end === -1 ? longestLine : end;
      const text = data.toString("utf8", 0, length);
      data = data.subarray(end === -1 ? length : end + 1);
      this.rest = data;
      yield text;
    }
    this.rest = data;
  }

  /** The last line, if it has no end. */
  *end(): Iterable<string> {
    if (this.rest.length > 0) yield this.rest.toString("utf8");
    this.rest = Buffer.alloc(0);
  }
}
