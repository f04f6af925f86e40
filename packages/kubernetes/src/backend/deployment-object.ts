import type { ObjectCondition } from "./pod.ts";

/** What we read of a Deployment. */
export interface DeploymentObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
  };
  readonly status: { readonly conditions?: readonly ObjectCondition[] };
}

/** What is kept of a Deployment as it came. */
export function readDeployment(value: unknown): DeploymentObject {
  const { metadata, spec, status = {} } = value as DeploymentObject;
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations } = metadata;
  const own = Object.entries(annotations ?? {}).filter(([key]) => key.startsWith("slipway.dev/"));
  const templateLabels = spec.template.metadata?.labels;
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      ...(deletionTimestamp && { deletionTimestamp }),
      ...(labels && { labels }),
      annotations: Object.fromEntries(own),
    },
    spec: {
      ...(spec.replicas !== undefined && { replicas: spec.replicas }),
      template: templateLabels ? { metadata: { labels: templateLabels } } : {},
    },
    status: { conditions: (status.conditions ?? []).filter(({ type }) => type === "ReplicaFailure") },
  };
}
