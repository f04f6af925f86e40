/** Where every typed array may begin. */
const alignment = 8;

/** Chunks of `total` bytes as one, with the byte at `alignAt` at a multiple of 8 in memory: there a tensor of any datatype can be a view. */
export function joinAligned(chunks: readonly Uint8Array[], total: number, alignAt: number): Uint8Array<ArrayBuffer> {
  const start = (alignment - (alignAt % alignment)) % alignment;
  const joined = new Uint8Array(start + total);
  let at = start;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined.subarray(start);
}
