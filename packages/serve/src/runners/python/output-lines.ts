import { StringDecoder } from "node:string_decoder";

/** A longer line is cut into pieces of this many characters. */
const longestLine = 8_192;

/** Calls `line` for each line of a stream of bytes; the function it gives takes the next piece, and at the end nothing. */
export function outputLines(line: (text: string) => void): (chunk?: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return (chunk) => {
    rest += chunk === undefined ? decoder.end() : decoder.write(chunk);
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    for (const text of lines) for (const piece of pieces(text)) line(piece);
    while (rest.length > longestLine) {
      line(rest.slice(0, longestLine));
      rest = rest.slice(longestLine);
    }
    if (chunk === undefined && rest !== "") line(rest);
  };
}

function pieces(text: string): string[] {
  if (text.trim() === "") return [];
  return Array.from({ length: Math.ceil(text.length / longestLine) }, (_, at) =>
    text.slice(at * longestLine, (at + 1) * longestLine),
  );
}
