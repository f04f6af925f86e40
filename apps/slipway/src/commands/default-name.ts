import { basename } from "node:path";

/** The name of a bundle that was given none: its directory's, in the characters that names of bundles have; undefined when none is left. */
export function defaultName(directory: string): string | undefined {
  const plain = basename(directory).replace(/[^a-z0-9._-]+/gi, "-");
  const name = plain
    .replace(/^[._-]+/, "")
    .slice(0, 253)
    .replace(/[._-]+$/, "");
  return name === "" ? undefined : name;
}
