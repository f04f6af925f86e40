import type { Instant } from "@slipway/base";
import type { RevisionRun } from "@slipway/control";
import type { ProcessStatus } from "../host/process-status.ts";
import { restartDelay } from "./restart-delay.ts";

/** What to do about the processes of one revision; replicas by their names. */
export interface ProcessPlan {
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly forget: readonly string[];
  /** When a back-off is over and there is more to start. */
  readonly recheckAt: Instant | undefined;
}

/**
 * From the number of replicas asked for to single processes: starts what is missing, restarts what ended once its back-off is over, and
 * ends what leaves. Pure, and without memory: a process that ended keeps its name until it is told to leave, so whoever looks next
 * finds how many there were. `processes` are those of the Model.
 */
export function planProcesses(
  run: Pick<RevisionRun, "revision" | "owner">,
  replicas: number,
  leaving: readonly string[],
  processes: readonly ProcessStatus[],
  now: Instant,
): ProcessPlan {
  const leaves = processes.filter(({ labels }) => labels.revision === run.revision && leaving.includes(labels.name ?? ""));
  const own = processes.filter(
    (process) =>
      process.labels.revision === run.revision &&
      process.labels.owner === run.owner &&
      process.state !== "draining" &&
      !leaves.includes(process),
  );
  const ended = own.filter((process) => process.state === "exited").sort((a, b) => ordinalOf(a) - ordinalOf(b));
  const missing = Math.max(0, replicas - (own.length - ended.length));
  const again = ended.slice(0, missing).map((process) => ({ name: nameOf(process), at: restartsAt(process) ?? now }));
  const waits = again.filter(({ at }) => at > now).map(({ at }) => at);
  return {
    start: [
      ...again.filter(({ at }) => at <= now).map(({ name }) => name),
      ...freeNames(run.revision, processes, missing - again.length),
    ],
    stop: leaves.filter((process) => process.state !== "exited" && process.state !== "draining").map(nameOf),
    forget: leaves.filter((process) => process.state === "exited").map(nameOf),
    recheckAt: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

/** When a process that ended by itself is started again; undefined for one that was asked to stop. */
export function restartsAt({ state, exit, restarts }: ProcessStatus): Instant | undefined {
  if (state !== "exited" || exit === undefined || exit.cause === "stopped" || exit.cause === "graceExceeded") return undefined;
  return exit.at + restartDelay({ restarts });
}

/** `REVISION-ORDINAL`, the lowest that nothing has, whoever owns it. */
function freeNames(revision: string, processes: readonly ProcessStatus[], count: number): string[] {
  const taken = new Set(processes.map(nameOf));
  const names: string[] = [];
  for (let ordinal = 0; names.length < count; ordinal++) {
    const name = `${revision}-${ordinal}`;
    if (!taken.has(name)) names.push(name);
  }
  return names;
}

function nameOf({ labels }: ProcessStatus): string {
  return labels.name ?? "";
}

function ordinalOf({ labels: { name = "", revision = "" } }: ProcessStatus): number {
  return Number(name.slice(revision.length + 1));
}
