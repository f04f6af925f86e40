import { isUtf8 } from "node:buffer";
import { SlipwayError } from "@slipway/base";

/** What a protobuf tag says about the value after it, https://protobuf.dev/programming-guides/encoding/. Groups, 3 and 4, are not in proto3. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads protobuf's encoding from front to back. Every method throws `badRequest` when the bytes are not well-formed. */
export class WireReader {
  at: number;
  readonly end: number;
  private readonly bytes: Buffer;
  /** The upper half of the last {@link varint}. */
  private high = 0;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** The next field's number and wire type as protobuf packs them: `number << 3 | type`. */
  tag(): number {
    const tag = this.varint();
    if (this.high !== 0 || tag >>> 3 === 0) throw malformed();
    return tag;
  }

  /** The lower 32 bits of a varint, unsigned; the upper ones are kept for {@link int32}, {@link bool} and {@link bigint}. */
  varint(): number {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index += 1) {
      if (this.at >= this.end) throw malformed();
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw malformed();
  }

  /** Other decoders cut what is longer to 32 bits, which changes a value in silence; here it is malformed. */
  int32(): number {
    const low = this.varint() | 0;
    if (this.high !== (low < 0 ? 0xffff_ffff : 0)) throw malformed();
    return low;
  }

  uint32(): number {
    const low = this.varint();
    if (this.high !== 0) throw malformed();
    return low;
  }

  bool(): boolean {
    return (this.varint() | this.high) !== 0;
  }

  bigint(signed: boolean): bigint {
    const low = BigInt(this.varint());
    const value = (BigInt(this.high) << 32n) | low;
    return signed ? BigInt.asIntN(64, value) : value;
  }

  /** The upper half of the varint that was read last, unsigned. */
  get upper(): number {
    return this.high;
  }

  float(): number {
    return this.bytes.readFloatLE(this.skipped(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.skipped(8));
  }

  /** Where a length-delimited value ends; it begins at {@link at} and is not skipped. */
  length(): number {
    const length = this.varint();
    if (this.high !== 0 || length > this.end - this.at) throw malformed();
    return this.at + length;
  }

  /** A view of a length-delimited value. */
  view(): Buffer {
    const end = this.length();
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  string(): string {
    const view = this.view();
    if (!isUtf8(view)) throw new SlipwayError("badRequest", "A text in the protobuf message is not UTF-8.");
    return view.toString("utf8");
  }

  /** Passes over a value of a field nobody knows. */
  skip(type: number): void {
    if (type === wireType.varint) this.varint();
    else if (type === wireType.fixed64) this.skipped(8);
    else if (type === wireType.fixed32) this.skipped(4);
    else if (type === wireType.bytes) this.at = this.length();
    else throw malformed();
  }

  private skipped(size: number): number {
    const { at } = this;
    if (this.end - at < size) throw malformed();
    this.at = at + size;
    return at;
  }
}

/** The bytes are not protobuf, or not of this message. */
export function malformed(): SlipwayError {
  return new SlipwayError("badRequest", "The message is not well-formed protobuf.", {
    hint: "Send a message of the Open Inference Protocol, without the prefix that gRPC puts before it.",
  });
}
