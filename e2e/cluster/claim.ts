import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually } from "../harness/eventually.ts";
import { down } from "./down.ts";
import { stateFolder } from "./layout.ts";
import { identify, isAlive } from "./process-id.ts";
import type { ClusterState } from "./state.ts";
import { readState } from "./state.ts";

/**
 * Makes this process the one that brings the cluster up, and gives the new record; or waits for the process that does so already
 * and gives undefined once its cluster is up. What a broken cluster left is taken down first.
 */
export async function claim(say: (line: string) => void): Promise<ClusterState | undefined> {
  for (;;) {
    const created = create();
    if (created !== undefined) return created;
    const other = readState();
    if (other?.phase === "starting" && isAlive(other.owner)) {
      say(`process ${other.owner.pid} is bringing the cluster up; waiting for it`);
      await eventually("the other `up` ends", 300, async () => readState()?.phase !== "starting" || !isAlive(other.owner));
      continue;
    }
    if (other !== undefined && isWhole(other)) return undefined;
    say("a part of the cluster has ended; taking the rest down first");
    await down(say);
  }
}

/** Whether everything that was started still runs. */
export function isWhole(state: ClusterState): boolean {
  return (
    state.phase === "up" &&
    [...state.machines.map(({ init }) => init), ...state.components.map((each) => each.process)].every(isAlive)
  );
}

/** Renaming a folder onto one that is not empty fails, so exactly one process gets the state folder. */
function create(): ClusterState | undefined {
  const state: ClusterState = { phase: "starting", owner: identify(process.pid)!, machines: [], components: [] };
  mkdirSync(dirname(stateFolder), { recursive: true, mode: 0o700 });
  const draft = mkdtempSync(`${stateFolder}-`);
  writeFileSync(join(draft, "state.json"), JSON.stringify(state), { mode: 0o600 });
  try {
    renameSync(draft, stateFolder);
    return state;
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (["ENOTEMPTY", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
