/** JSON values from bytes with one a line, as a watch sends them. A cut last line is dropped: the stream ended in the middle of it. */
export async function* jsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  // Pieces of a line are joined once: an object of a megabyte comes in many chunks.
  let pieces: string[] = [];
  for await (const chunk of bytes) {
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of others) {
      const line = pieces.join("");
      pieces = [next];
      if (line.trim() !== "") yield JSON.parse(line);
    }
  }
}
