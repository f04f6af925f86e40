/** Up to here bodies lie in memory that others use too. */
const sharedBytes = 64 * 1024;
/** A body may begin this much later than its memory. */
const alignment = 8;
/** How many answers have yet to leave memory that holds nothing but their outputs. */
const answersIn = new WeakMap<ArrayBuffer, number>();

/** Notes that nothing but the outputs of so many requests lies in this memory. */
export function holdsOutputs(memory: ArrayBuffer, requests: number): void {
  answersIn.set(memory, requests);
}

/** Gives back the memory of a request's body, once it is answered, when it has memory of its own; see {@link freeOutputs}. */
export function freeBody({ buffer, byteLength }: Uint8Array): void {
  if (byteLength > sharedBytes && buffer.byteLength - byteLength < alignment && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * Gives back the memory of an answer that has been sent, when it was the last one in there. Left to the garbage collector, large tensors
 * would have it run every few requests, which is a third of their cost. Memory of answers that went another way is left to it.
 */
export function freeOutputs(pieces: readonly Uint8Array[]): void {
  for (const buffer of new Set(pieces.map((piece) => piece.buffer))) {
    if (!(buffer instanceof ArrayBuffer)) continue;
    const answers = answersIn.get(buffer);
    if (answers === undefined) continue;
    if (answers > 1) answersIn.set(buffer, answers - 1);
    else buffer.transfer(0);
  }
}
