import type { ObservedReplica, ReplicaError } from "@slipway/control";
import { tlsAddress } from "@slipway/protocol";
import { containers } from "../objects/containers.ts";
import { labels } from "../objects/labels.ts";
import { containerExit } from "./container-exit.ts";
import type { ContainerState, ContainerStatus, Pod } from "./pod.ts";
import { podObstacle } from "./pod-obstacle.ts";
import { replicaReport } from "./replica-report.ts";

/** Who ran for this long was well: what ends it then is not one more failure in a row. */
const steadyMs = 600_000;

/**
 * A pod as control sees it. Undefined for one that is no replica: it has no owner, or it is over and its Deployment has replaced it
 * already, as after an eviction.
 */
export function observedReplica(pod: Pod): ObservedReplica | undefined {
  const { metadata, spec, status } = pod;
  const owner = metadata.labels?.[labels.owner];
  const revision = metadata.labels?.[labels.revision];
  const over = status.phase === "Failed" || status.phase === "Succeeded";
  if (owner === undefined || revision === undefined || (over && metadata.deletionTimestamp === undefined)) return undefined;
  const container = ofOwnAccord(status.containerStatuses?.[0], metadata.deletionTimestamp !== undefined);
  const obstacle = podObstacle(pod, container);
  const state = stateOf(pod, container, obstacle);
  const last = lastEnd(container);
  const error = state === "starting" ? obstacle : state === "exited" ? reportedError(last) : undefined;
  return {
    name: metadata.name,
    owner,
    revision,
    state,
    ...(spec.nodeName && { node: spec.nodeName }),
    startedAt: Date.parse(lastStart(status.containerStatuses?.[0]) ?? status.startTime ?? metadata.creationTimestamp),
    ...(state === "ready" && status.podIP && { address: tlsAddress(status.podIP, containers.ports.frames) }),
    restarts: failuresInARow(container),
    ...(error && { error }),
    ...(last && { exit: containerExit(last) }),
    ...(spec.containers[0]?.resources?.limits === undefined ? {} : { limits: "cgroup: by kubelet" }),
  };
}

/** Without the end that it was asked for: that is no failure. */
function ofOwnAccord(container: ContainerStatus | undefined, draining: boolean): ContainerStatus | undefined {
  return draining && container?.state?.terminated !== undefined ? { ...container, state: { running: {} } } : container;
}

function stateOf(
  { metadata, status }: Pod,
  container: ContainerStatus | undefined,
  obstacle: ReplicaError | undefined,
): ObservedReplica["state"] {
  if (metadata.deletionTimestamp !== undefined) return "draining";
  if (status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True")) return "ready";
  // A program for another machine never ran: it has not ended, it cannot start.
  if (obstacle?.reason === "WrongArchitecture") return "starting";
  const { waiting, terminated } = container?.state ?? {};
  return terminated !== undefined || waiting?.reason === "CrashLoopBackOff" ? "exited" : "starting";
}

function reportedError(last: ContainerState["terminated"]): ReplicaError | undefined {
  const { code, message } = replicaReport(last?.message) ?? {};
  return code === undefined || message === undefined ? undefined : { code, message };
}

/** The end that was last, also when it runs again. */
function lastEnd(container: ContainerStatus | undefined): ContainerState["terminated"] {
  return container?.state?.terminated ?? container?.lastState?.terminated;
}

/** Kubelet starts the program of a pod anew; the pod stays as old as it is. */
function lastStart({ state, lastState }: Partial<ContainerStatus> = {}): string | undefined {
  return state?.running?.startedAt ?? state?.terminated?.startedAt ?? lastState?.terminated?.startedAt;
}

/** Kubelet counts restarts for a pod's whole life; in a row are those since it last ran well. */
function failuresInARow(container: ContainerStatus | undefined): number {
  const last = lastEnd(container);
  if (container === undefined || last === undefined) return 0;
  const down = container.state?.running === undefined;
  const ends = container.restartCount + (down && container.state !== undefined ? 1 : 0);
  const { startedAt, finishedAt } = last;
  const steady =
    startedAt !== undefined && finishedAt !== undefined && Date.parse(finishedAt) - Date.parse(startedAt) >= steadyMs;
  return steady ? 1 : ends;
}
