import { SlipwayError } from "@slipway/base";

/** Reads the fields of a head one after the other, never past its end. */
export class HeadReader {
  private readonly payload: Buffer;
  private readonly what: string;
  private offset = 0;

  /** `what` names the payload in errors. */
  constructor(payload: Buffer, what: string) {
    this.payload = payload;
    this.what = what;
  }

  byte(): number {
    const value = this.payload[this.offset++];
    if (value === undefined) throw this.malformed("its end");
    return value;
  }

  short(): number {
    return this.byte() * 256 + this.byte();
  }

  number(): number {
    return this.short() * 65_536 + this.short();
  }

  /** A text after its length in one or two bytes. */
  text(lengthBytes: 1 | 2): string {
    const length = lengthBytes === 1 ? this.byte() : this.short();
    const start = this.offset;
    this.offset += length;
    if (this.offset > this.payload.length) throw this.malformed("its end");
    return this.payload.toString("utf8", start, this.offset);
  }

  /** Nothing may be left. */
  end(): void {
    if (this.offset !== this.payload.length) throw this.malformed("bytes after its end");
  }

  malformed(where: string): SlipwayError {
    return new SlipwayError("badRequest", `The ${this.what} frame is malformed at ${where}.`);
  }
}
