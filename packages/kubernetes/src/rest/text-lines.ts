/** Lines of text from bytes, without their ends. Returns what came after the last of them: a line that was cut, or nothing. */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, string, undefined> {
  const decoder = new TextDecoder();
  // Pieces of a line are joined once: an object of a megabyte comes in many chunks.
  let pieces: string[] = [];
  for await (const chunk of bytes) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of others) {
      const line = pieces.join("");
      pieces = [next];
      yield line;
    }
  }
  return pieces.join("");
}
