import { knownMeta, type StoredMeta } from "../objects/known-meta.ts";

/** `state` of a container, as far as we read it. */
export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly signal?: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}

/** A container as kubelet sees it. */
export interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

/** A condition of a pod or a Deployment. */
export interface ObjectCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What we read of a pod. */
export interface Pod {
  readonly metadata: StoredMeta & {
    readonly creationTimestamp: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image?: string;
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly ObjectCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What is kept of a pod as it came: ten thousands of them are kept, and most of one is not looked at. */
export function readPod(value: unknown): Pod {
  const { metadata, spec, status = {} } = value as Pod;
  const { creationTimestamp, annotations } = metadata;
  const cost = annotations?.[deletionCost];
  return {
    metadata: {
      ...knownMeta(metadata),
      creationTimestamp,
      ...(cost && { annotations: { [deletionCost]: cost } }),
    },
    spec: {
      ...(spec.nodeName && { nodeName: spec.nodeName }),
      containers: spec.containers.map(({ name, image, resources }) => ({
        name,
        ...(image && { image }),
        ...(resources?.limits && { resources: { limits: resources.limits } }),
      })),
    },
    status: {
      ...(status.phase && { phase: status.phase }),
      ...(status.reason && { reason: status.reason }),
      ...(status.message && { message: status.message }),
      ...(status.podIP && { podIP: status.podIP }),
      ...(status.startTime && { startTime: status.startTime }),
      conditions: (status.conditions ?? []).filter(({ type }) => type === "Ready" || type === "PodScheduled"),
      containerStatuses: status.containerStatuses ?? [],
    },
  };
}

/** The annotation by which Kubernetes chooses who goes first when a Deployment shrinks: the lowest. */
export const deletionCost = "controller.kubernetes.io/pod-deletion-cost";
