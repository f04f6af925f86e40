import { plainText } from "./plain-text.ts";

/** Pads columns to the widest cell, three spaces between, no space at line ends. Cells are one line each; rows may be empty. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map((row) => row.map((cell) => plainText(cell).replace(/[\n\t]+/g, " ")));
  const widths = header.map((_, column) => Math.max(...lines.map((row) => width(row[column] ?? ""))));
  return lines
    .map(
      (row) =>
        `${row
          .map((cell, column) => pad(cell, widths[column] ?? 0))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** Characters, not UTF-16 units. */
function width(text: string): number {
  return [...text].length;
}

function pad(text: string, to: number): string {
  return text + " ".repeat(Math.max(0, to - width(text)));
}
