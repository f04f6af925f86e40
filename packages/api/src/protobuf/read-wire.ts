import { SlipwayError } from "@slipway/base";

/** One field of a protobuf message: its number, and its value as the wire has it. */
export interface WireField {
  readonly number: number;
  /** A varint, or the bytes of a length-delimited field. */
  readonly value: bigint | Uint8Array;
}

/** The fields of a message in their order. Only varints and length-delimited fields occur in Kubernetes' types we read. Throws `badRequest`. */
export function* readWire(bytes: Uint8Array): Generator<WireField, void, undefined> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    throw malformed();
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 2: {
        const length = Number(varint());
        if (length > bytes.length - at) throw malformed();
        yield { number, value: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      default:
        throw malformed();
    }
  }
}

/** The refusal of bytes that are not the message they should be. */
export function malformed(): SlipwayError {
  return new SlipwayError("badRequest", "The body is not a well-formed Kubernetes protobuf message.", {
    hint: "Send it as application/json.",
  });
}
