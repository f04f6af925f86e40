import { createHash } from "node:crypto";
import { join } from "node:path";
import type { HomePaths } from "./home-paths.ts";

/** Where the things of one replica are. */
export interface ReplicaPaths {
  /** The Unix socket it listens on; hashed, because names may be long and socket paths may not. */
  readonly socket: string;
  /** Its `ReplicaSpec` as JSON. */
  readonly spec: string;
  /** What it writes to standard output and standard error. */
  readonly log: string;
}

/** The paths of a replica; `namespace` and `name` must be valid resource names. */
export function replicaPaths(paths: HomePaths, namespace: string, name: string): ReplicaPaths {
  const hash = createHash("sha256").update(`${namespace}/${name}`).digest("hex").slice(0, 12);
  return {
    socket: join(paths.runtime, `r-${hash}.sock`),
    spec: join(paths.runtime, `r-${hash}.json`),
    log: join(paths.logs, namespace, `${name}.log`),
  };
}
