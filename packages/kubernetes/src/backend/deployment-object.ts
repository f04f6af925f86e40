import { knownMeta, type StoredMeta } from "../objects/known-meta.ts";
import type { ObjectCondition } from "./pod.ts";

/** What we read of a Deployment. */
export interface DeploymentObject {
  readonly metadata: StoredMeta & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas?: number;
    readonly template: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
  };
  readonly status: { readonly conditions?: readonly ObjectCondition[] };
}

/** What is kept of a Deployment as it came. */
export function readDeployment(value: unknown): DeploymentObject {
  const { metadata, spec, status = {} } = value as DeploymentObject;
  const own = Object.entries(metadata.annotations ?? {}).filter(([key]) => key.startsWith("slipway.dev/"));
  const templateLabels = spec.template.metadata?.labels;
  return {
    metadata: { ...knownMeta(metadata), annotations: Object.fromEntries(own) },
    spec: {
      ...(spec.replicas !== undefined && { replicas: spec.replicas }),
      template: templateLabels ? { metadata: { labels: templateLabels } } : {},
    },
    status: { conditions: (status.conditions ?? []).filter(({ type }) => type === "ReplicaFailure") },
  };
}
