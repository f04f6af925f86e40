import { plainText } from "./plain-text.ts";

/** One labelled value of a description; a list of lines is indented under its label. */
export type Field = readonly [label: string, value: string | readonly string[] | undefined];

/** `Label:   value` lines with the values in one column. Fields without a value are left out. */
export function fields(list: readonly Field[]): string {
  const present = list.filter(
    (field): field is readonly [string, string | readonly string[]] => field[1] !== undefined && field[1].length > 0,
  );
  const width = Math.max(0, ...present.filter(([, value]) => typeof value === "string").map(([label]) => label.length)) + 3;
  const lines = present.flatMap(([label, value]) =>
    typeof value === "string" ? [`${`${label}:`.padEnd(width)}${value}`] : [`${label}:`, ...value.map((line) => `  ${line}`)],
  );
  return plainText(`${lines.join("\n")}\n`);
}
