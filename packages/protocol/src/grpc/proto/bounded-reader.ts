import { SlipwayError } from "@slipway/base";
import protobuf from "protobufjs/light.js";
import { Collector, type NumberArray } from "./number-list.ts";

/** Messages, texts, lists and loose numbers of 64 bits that one message may hold. Two bytes make one, so without a bound they would cost a hundred times what they weigh. */
const mostParts = 131_072;
/** Byte strings that one message may hold: each is an object, for as little as two bytes. */
const mostByteStrings = 1_048_576;

/** A list of a message under construction. The library's types know only of single numbers in it. */
type List = NumberArray[];

/**
 * The library's reader with bounds on what a small message can make of itself; what is more is `badRequest`. Packed numbers come into the list
 * of their field as one typed array instead of one by one, as which they would be many times as large as the message.
 */
export class BoundedReader extends protobuf.BufferReader {
  private parts = 0;
  private byteStrings = 0;

  override size(): number {
    this.count();
    return super.size();
  }

  override int64(): protobuf.Long {
    this.count();
    return super.int64();
  }

  override uint64(): protobuf.Long {
    this.count();
    return super.uint64();
  }

  override bytes(): Buffer {
    // Counted here instead of as a part.
    this.parts -= 1;
    this.byteStrings += 1;
    if (this.byteStrings > mostByteStrings) {
      throw new SlipwayError("badRequest", `The message has more than ${mostByteStrings} elements of bytes.`, {
        hint: "Send them together in raw_input_contents.",
      });
    }
    return super.bytes() as Buffer;
  }

  override floats(list: unknown): never {
    return add(list, new Float32Array(super.floats()));
  }

  override doubles(list: unknown): never {
    return add(list, new Float64Array(super.doubles()));
  }

  override bools(list: unknown): never {
    const inner = this.inner();
    const collector = new Collector(Uint8Array, inner.len);
    while (inner.pos < inner.len) collector.add(inner.bool() ? 1 : 0);
    return add(list, collector.array());
  }

  override int32s(list: unknown): never {
    const inner = this.inner();
    const collector = new Collector(Int32Array, inner.len);
    while (inner.pos < inner.len) collector.add(inner.int32());
    return add(list, collector.array());
  }

  override uint32s(list: unknown): never {
    const inner = this.inner();
    const collector = new Collector(Uint32Array, inner.len);
    while (inner.pos < inner.len) collector.add(inner.uint32());
    return add(list, collector.array());
  }

  override int64s(list: unknown): never {
    return add(list, new BigInt64Array(this.halves()));
  }

  override uint64s(list: unknown): never {
    return add(list, new BigUint64Array(this.halves()));
  }

  /** Of 64-bit numbers the lower and the upper half: a BigInt for each would cost more than all the rest. */
  private halves(): ArrayBuffer {
    const inner = this.inner();
    const collector = new Collector(Int32Array, 2 * inner.len);
    while (inner.pos < inner.len) {
      const { low, high } = inner.int64();
      collector.add(low);
      collector.add(high);
    }
    const { buffer, byteLength } = collector.array();
    return buffer.byteLength === byteLength ? buffer : buffer.slice(0, byteLength);
  }

  private count(): void {
    this.parts += 1;
    if (this.parts > mostParts) {
      throw new SlipwayError("badRequest", `The message has more than ${mostParts} tensors, parameters, names and lists.`);
    }
  }

  /** A reader of the packed values that come next. */
  private inner(): protobuf.BufferReader {
    return new protobuf.BufferReader(super.bytes() as Buffer);
  }
}

function add(list: unknown, array: NumberArray): never {
  (list as List).push(array);
  return list as never;
}
