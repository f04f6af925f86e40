import type { LiveObject } from "./cluster-objects.ts";

/** What is read of a Pod to tell why it does not run. */
export interface ObservedPod extends LiveObject {
  readonly spec?: { readonly volumes?: readonly { readonly secret?: { readonly secretName: string } }[] };
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
      return `it ended with exit code ${ended.exitCode}${ended.message === undefined ? "" : `: ${lastWords(ended.message)}`}`;
    return message === undefined ? reason : `${reason}: ${lastWords(message)}`;
  }
  return undefined;
}

/** What a process said before it ended: the `message` of a line of JSON, as our own write, else its last words on one line. */
function lastWords(text: string): string {
  for (const line of text.trim().split("\n").reverse()) {
    try {
      const { message } = JSON.parse(line) as { message?: unknown };
      if (typeof message === "string") return message.slice(0, 300);
    } catch {
      // Plain text.
    }
  }
  return text.trim().replaceAll(/\s+/g, " ").slice(-300);
}
