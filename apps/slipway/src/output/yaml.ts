import { stringify } from "yaml";

/** YAML 1.2 as `-o yaml` prints it; nothing is folded, nothing aliased. */
export function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
