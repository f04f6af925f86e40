import type { Namespace, Resource } from "@slipway/spec";

/** The label by which selectors find a namespace by name; Kubernetes sets it on every namespace. */
const nameLabel = "kubernetes.io/metadata.name";

/** What the server sets on a Namespace whatever the writer says, as Kubernetes does: its name as a label, its phase, and what ends it. */
export function settleNamespace(old: Resource | undefined, next: Namespace): Namespace {
  const before = old?.kind === "Namespace" ? old : undefined;
  return {
    ...next,
    metadata: { ...next.metadata, labels: { ...next.metadata.labels, [nameLabel]: next.metadata.name } },
    spec: before?.spec ?? { finalizers: ["kubernetes"] },
    status: { phase: "Active", ...next.status, ...(before?.status?.phase === "Terminating" ? { phase: "Terminating" } : {}) },
  };
}
