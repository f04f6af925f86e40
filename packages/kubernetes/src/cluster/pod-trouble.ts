import type { LiveObject } from "./cluster-objects.ts";

/** What is read of a Pod to tell why it does not run. */
export interface ObservedPod extends LiveObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
      readonly lastState?: {
        readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
      };
    }[];
  };
}

/** On the way to run, and no trouble. */
const underWay: readonly string[] = ["ContainerCreating", "PodInitializing"];

/** Why a pod does not run, in the cluster's own words; undefined when nothing speaks against it. */
export function podTrouble({ status }: ObservedPod): string | undefined {
  const unscheduled = status?.conditions?.find(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable");
  if (unscheduled !== undefined) return unscheduled.message ?? "no node can take it";
  for (const { state, lastState } of status?.containerStatuses ?? []) {
    const { reason, message } = state?.waiting ?? {};
    if (reason === undefined || underWay.includes(reason)) continue;
    const ended = lastState?.terminated;
    if (reason === "CrashLoopBackOff" && ended !== undefined)
      return `it ended with exit code ${ended.exitCode}${ended.message === undefined ? "" : `: ${lastLine(ended.message)}`}`;
    return message === undefined ? reason : `${reason}: ${lastLine(message)}`;
  }
  return undefined;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!.slice(0, 300);
}
