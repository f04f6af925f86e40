import { isUtf8 } from "node:buffer";
import type { BytesData } from "./tensor.ts";

/** Each element of a BYTES tensor is its length in bytes (uint32, little-endian) and the bytes; so says the binary data extension, and gRPC's raw contents. */
const lengthBytes = 4;

/** The elements of a BYTES tensor as binary data. */
export function packBytesElements(elements: BytesData): Buffer {
  let size = elements.length * lengthBytes;
  for (const element of elements) size += typeof element === "string" ? Buffer.byteLength(element) : element.length;
  const packed = Buffer.allocUnsafe(size);
  let at = 0;
  for (const element of elements) {
    let length: number;
    if (typeof element === "string") {
      length = packed.write(element, at + lengthBytes, "utf8");
    } else {
      length = element.length;
      packed.set(element, at + lengthBytes);
    }
    packed.writeUInt32LE(length, at);
    at += lengthBytes + length;
  }
  return packed;
}

/** Exactly `count` elements from binary data: strings where they are UTF-8, views of the data elsewhere. A text says what is wrong with the data. */
export function unpackBytesElements(data: Uint8Array, count: number): BytesData | string {
  const packed = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (count * lengthBytes > packed.length) return `${packed.length} bytes cannot hold ${count} elements with their lengths`;
  const elements: (string | Uint8Array)[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + lengthBytes > packed.length) return `they end before element ${index} of ${count}`;
    const start = at + lengthBytes;
    const length = packed.readUInt32LE(at);
    if (length > packed.length - start) {
      return `element ${index} is said to have ${length} bytes, and ${packed.length - start} are left`;
    }
    at = start + length;
    const element = packed.subarray(start, at);
    elements.push(isUtf8(element) ? element.toString("utf8") : element);
  }
  return at === packed.length ? elements : `${packed.length - at} bytes are left after the last of ${count} elements`;
}
