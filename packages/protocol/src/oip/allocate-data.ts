import type { NumericData } from "./datatype.ts";

const slabBytes = 64 * 1024;
/** Tensors up to this size lie in a slab beside others. */
const sharedBytes = 4 * 1024;
const word = 8;

let slab = new ArrayBuffer(slabBytes);
let used = 0;

/** How elements of a datatype are made. */
interface Elements {
  readonly size: number;
  readonly create: (length: number) => NumericData;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => NumericData;
}

/** Zeros for `count` elements. Small tensors are views of memory that they share: memory of its own for each costs more than reading its JSON. No part is given out twice. */
export function allocateData(elements: Elements, count: number): NumericData {
  const bytes = count * elements.size;
  if (bytes > sharedBytes) return elements.create(count);
  const padded = Math.ceil(bytes / word) * word;
  if (used + padded > slabBytes) {
    slab = new ArrayBuffer(slabBytes);
    used = 0;
  }
  const data = elements.view(slab, used, count);
  used += padded;
  return data;
}
