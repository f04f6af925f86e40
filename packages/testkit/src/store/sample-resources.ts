import type { Event, Model, OwnerReference, Resource, Revision, Secret } from "@slipway/spec";

const bundle = `sha256:${"a".repeat(64)}`;

type Metadata = Partial<Resource["metadata"]>;

/** A Model as a user writes it: without defaults, which the type of a stored one has. */
export function sampleModel(name: string, spec: Record<string, unknown> = {}, metadata: Metadata = {}): Model {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name, namespace: "default", ...metadata },
    spec: { source: { bundle }, ...spec },
  } as Model;
}

/** A Revision of the model `m`. */
export function sampleRevision(name: string, metadata: Metadata = {}): Revision {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Revision",
    metadata: { name, namespace: "default", ...metadata },
    spec: { model: "m", number: 1, source: { bundle }, parameters: {}, resources: {} },
  };
}

/** A Secret with one value. */
export function sampleSecret(name: string, metadata: Metadata = {}, more: Partial<Secret> = {}): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "default", ...metadata },
    type: "Opaque",
    data: { key: "dmFsdWU=" },
    ...more,
  };
}

/** An Event that last happened at `lastTimestamp`. */
export function sampleEvent(name: string, lastTimestamp: string): Event {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: "default" },
    involvedObject: { kind: "Model", namespace: "default", name: "m" },
    reason: "Tested",
    lastTimestamp,
  };
}

/** A Namespace as a user writes it. */
export function sampleNamespace(name: string): Resource<"Namespace"> {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A reference to an owner, blocking its foreground deletion. */
export function ownerOf(owner: Resource): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? "", blockOwnerDeletion: true };
}
