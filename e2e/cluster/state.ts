import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "./layout.ts";
import type { ProcessId } from "./process-id.ts";

/** A set of namespaces that stands for a machine; killing `init` ends all that runs in it. */
export interface MachineRecord {
  readonly name: string;
  readonly init: ProcessId;
  /** The `unshare` that waits for `init`. */
  readonly parent: ProcessId;
}

/** A program of the cluster, with what is needed to start it again. */
export interface ComponentRecord {
  readonly machine: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly process: ProcessId;
  /** The `nsenter` that waits for it. */
  readonly parent: ProcessId;
}

/** What `down` and `status` need to know of a cluster that another process brought up. */
export interface ClusterState {
  phase: "starting" | "up";
  /** The process that ran `up`. */
  readonly owner: ProcessId;
  readonly machines: MachineRecord[];
  readonly components: ComponentRecord[];
}

const path = join(stateFolder, "state.json");

/** The recorded cluster; undefined when there is none. */
export function readState(): ClusterState | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ClusterState) : undefined;
}

/** Writes the record; called after every start, so that whatever is interrupted can be taken down. */
export function writeState(state: ClusterState): void {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 1)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
