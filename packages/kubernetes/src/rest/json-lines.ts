import { textLines } from "./text-lines.ts";

/** JSON values from bytes with one a line, as a watch sends them. A cut last line is dropped: the stream ended in the middle of it. */
export async function* jsonLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  for await (const line of textLines(bytes)) if (line.trim() !== "") yield JSON.parse(line);
}
