import { constants } from "node:os";
import { errorCodes, type Instant } from "@slipway/base";
import type { ReplicaExit } from "@slipway/control";
import type { ContainerState } from "./pod.ts";
import { replicaReport } from "./replica-report.ts";

type Terminated = NonNullable<ContainerState["terminated"]>;

/** A container that ended by signal N has the exit code 128 + N, as in a shell. */
const signalBase = 128;

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** How a container ended, in our words. */
export function containerExit(terminated: Terminated): ReplicaExit {
  const { exitCode, finishedAt } = terminated;
  const signal = terminated.signal ?? (exitCode > signalBase ? exitCode - signalBase : 0);
  const name = signalNames.get(signal);
  const at: Instant = finishedAt === undefined ? 0 : Date.parse(finishedAt);
  return { at, code: name === undefined ? exitCode : null, signal: name ?? null, ...verdict(terminated, name) };
}

function verdict(terminated: Terminated, signal: string | undefined): Pick<ReplicaExit, "reason" | "message"> {
  const { exitCode, reason, message } = terminated;
  const report = replicaReport(message);
  if (reason === "OOMKilled") return { reason: "OOMKilled", message: "It needed more memory than it may use." };
  if (reason === "StartError" || reason === "ContainerCannotRun")
    return { reason: "StartFailed", message: `Its container could not be started: ${report?.message ?? "unknown error"}.` };
  if (exitCode === errorCodes.invalid.exit)
    return { reason: "ModelInvalid", message: report?.message ?? "Its model cannot be served; `slipway logs` has more." };
  if (exitCode === 0) return { reason: "Completed", message: "It stopped when asked to." };
  return { reason: "Error", message: report?.message ?? ending(exitCode, signal) };
}

function ending(code: number, signal: string | undefined): string {
  if (signal !== undefined) return `It was ended by ${signal}.`;
  return `It ended with exit code ${code}; \`slipway logs\` has more.`;
}
