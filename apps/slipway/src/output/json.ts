/** JSON as `-o json` prints it: two spaces, one line feed at the end. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
