/** Where every typed array may begin. */
const alignment = 8;

/**
 * Chunks of `total` bytes as one, with the byte at `alignAt` at a multiple of 8 in memory: there a tensor of any datatype can be a view.
 * `allocate` gives memory that begins at such a multiple; it is written over whole.
 */
export function joinAligned<Memory extends Uint8Array>(
  chunks: readonly Uint8Array[],
  total: number,
  alignAt: number,
  allocate: (length: number) => Memory,
): Memory {
  const start = (alignment - (alignAt % alignment)) % alignment;
  const joined = allocate(start + total);
  let at = start;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined.subarray(start, at) as Memory;
}
