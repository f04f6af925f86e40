import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The committed lock file of a rival's environment: `name==version --hash=…`, a line each. */
export function lockFile(name: string): string {
  return join(import.meta.dirname, `${name}.lock`);
}

/** The version that a lock file names for a package; undefined when it has none. */
export function lockedVersion(name: string, distribution: string): string | undefined {
  return new RegExp(`^${distribution}==(\\S+)`, "m").exec(readFileSync(lockFile(name), "utf8"))?.[1];
}
