import type { ObservedReplica, ReplicaExit } from "@slipway/control";
import type { HomePaths } from "../home/home-paths.ts";
import { replicaPaths } from "../home/replica-paths.ts";
import type { ProcessExit, ProcessStatus } from "../host/process-status.ts";
import { restartsAt } from "./plan-processes.ts";

/** Exit code of a replica whose model can never be served. */
export const modelInvalidCode = 5;

/** A process of the supervisor as control sees it. */
export function observedReplica(status: ProcessStatus, home: HomePaths): ObservedReplica {
  const { namespace = "", name = "", owner = "", revision = "" } = status.labels;
  const { state, startedAt, restarts, pid, error, exit, limits } = status;
  const again = restartsAt(status);
  return {
    name,
    owner,
    revision,
    state,
    startedAt,
    restarts,
    ...(pid === undefined ? {} : { pid }),
    // A draining replica may still be finishing requests, so the gateway may still need to know where it is.
    ...(state === "ready" || state === "draining" ? { address: replicaPaths(home, namespace, name).socket } : {}),
    ...(error === undefined ? {} : { error }),
    ...(exit === undefined ? {} : { exit: replicaExit(exit, status) }),
    ...(again === undefined ? {} : { restartsAt: again }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function replicaExit(exit: ProcessExit, status: ProcessStatus): ReplicaExit {
  const { at, code, signal } = exit;
  return { at, code, signal, ...verdict(exit, status) };
}

function verdict(exit: ProcessExit, { error, state }: ProcessStatus): Pick<ReplicaExit, "reason" | "message"> {
  const { cause, code, signal } = exit;
  // What the process reported is about its own end only while that is the last thing that happened.
  const reported = state === "exited" ? error : undefined;
  if (cause === "startFailed")
    return { reason: "StartFailed", message: `Its process could not be started: ${exit.detail ?? "unknown error"}.` };
  if (cause === "outOfMemory") return { reason: "OOMKilled", message: "It needed more memory than it may use." };
  if (cause === "graceExceeded") return { reason: "Error", message: "It did not stop within its grace period and was killed." };
  if (cause === "hung") return { reason: "Error", message: "It did not respond any more and was killed." };
  // A process without a handler for SIGTERM ends by it, and that is how it was asked to.
  if (cause === "stopped" && (code === 0 || signal === "SIGTERM"))
    return { reason: "Completed", message: "It stopped when asked to." };
  if (code === modelInvalidCode || reported?.code === "invalid") {
    return { reason: "ModelInvalid", message: reported?.message ?? "Its model cannot be served; `slipway logs` has more." };
  }
  return { reason: code === 0 ? "Completed" : "Error", message: reported?.message ?? ending(code, signal) };
}

function ending(code: number | null, signal: string | null): string {
  if (signal !== null) return `It was ended by ${signal}.`;
  if (code === null) return "It ended while no supervisor watched it.";
  return `It ended with exit code ${code}; \`slipway logs\` has more.`;
}
