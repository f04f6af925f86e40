import { stringify } from "yaml";

/** JSON as `-o json` prints it: two spaces, one line feed at the end. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** YAML 1.2 as `-o yaml` prints it; nothing is folded, nothing aliased. */
export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
