import type { Kind } from "../kinds/kind.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const time = "2026-01-31T12:00:00Z";

/** Metadata with every field set. */
const metadata = {
  uid: "6f1c0a52-6f55-4a5e-8a53-0d1d4f3f4a11",
  resourceVersion: "42",
  generation: 3,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: 30,
  labels: { "app.example/name": "digits", tier: "" },
  annotations: { "Example.com/Note": "free text: anything" },
  finalizers: ["slipway.dev/replicas", "foregroundDeletion"],
  ownerReferences: [
    { apiVersion: "slipway.dev/v1alpha1", kind: "Model", name: "digits", uid: "u-1", controller: true, blockOwnerDeletion: true },
  ],
  managedFields: [
    {
      manager: "kubectl",
      operation: "Apply",
      apiVersion: "slipway.dev/v1alpha1",
      time,
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": { "f:replicas": {} } },
      subresource: "status",
    },
  ],
};

const signature = {
  inputs: [{ name: "image", datatype: "FP32", shape: [-1, 64] }],
  outputs: [{ name: "label", datatype: "INT64", shape: [-1] }],
};
const conditions = [
  { type: "Ready", status: "True", reason: "Answering", message: "", lastTransitionTime: time, observedGeneration: 3 },
];

const image = `registry.example:5000/team/digits@${digest}`;
const resources = { cpu: "500m", memory: "256Mi", gpu: { name: "nvidia.com/gpu", count: 2 } };
const secrets = [
  { name: "database", key: "password", env: "DATABASE_PASSWORD" },
  { name: "hub.example", key: "token", file: "/run/secrets/hub/token" },
];
const placement = {
  nodeSelector: { "node.example/pool": "gpu" },
  tolerations: [
    { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
    { key: "spot", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 30 },
  ],
  spread: ["node", "zone"],
  priorityClassName: "high",
  imagePullSecrets: ["registry.example"],
  architecture: "arm64",
};

/** For tests: one object of every kind with every field set that a stored object may have. */
export const fullResources: { readonly [K in Kind]: Record<string, unknown> } = {
  Model: {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name: "digits", namespace: "default", ...metadata },
    spec: {
      source: {
        bundle: `registry.example:5000/team/digits@${digest}`,
        image,
        contract: '{"version":1}',
        signatures: ['{"mediaType":"x"}'],
      },
      parameters: { threshold: "0.5" },
      signature,
      resources,
      scaling: {
        minReplicas: 2,
        maxReplicas: 8,
        metrics: [
          { type: "cpu", target: 60 },
          { type: "memory", target: 80 },
        ],
      },
      replicas: 3,
      traffic: [
        { revision: "digits-1a2b3c4d5e", percent: "90%" },
        { revision: "digits-00000000ff", percent: 10 },
      ],
      samples: { verify: false, tolerance: { absolute: 0.001, relative: 0 } },
      secrets,
      placement,
      network: { egress: [{ cidr: "10.1.0.0/16", ports: [5432, 443], protocol: "TCP" }] },
    },
    status: {
      observedGeneration: 3,
      replicas: 3,
      readyReplicas: 2,
      selector: "slipway.dev/model=digits",
      latestRevision: "digits-1a2b3c4d5e",
      url: "http://127.0.0.1:8080/v2/models/digits",
      conditions,
      traffic: [{ revision: "digits-1a2b3c4d5e", percent: 100 }],
      instances: [
        {
          name: "digits-1a2b3c4d5e-0",
          revision: "digits-1a2b3c4d5e",
          state: "ready",
          pid: 4711,
          node: "node-1",
          startedAt: time,
          restarts: 0,
          message: "",
          limits: "cgroup",
        },
      ],
    },
  },
  Revision: {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Revision",
    metadata: { name: "digits-1a2b3c4d5e", namespace: "default", ...metadata },
    spec: {
      model: "digits",
      number: 2,
      source: { bundle: digest, image },
      parameters: { threshold: "0.5" },
      signature,
      resources,
      secrets,
      placement,
    },
    status: { state: "Active", replicas: 3, readyReplicas: 2, conditions },
  },
  Namespace: {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "team-a", ...metadata },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active", conditions },
  },
  Secret: {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "weights.token", namespace: "default", ...metadata },
    type: "Opaque",
    data: { token: "aHVudGVyMg==" },
    immutable: true,
  },
  Event: {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "digits.17c1", namespace: "default", ...metadata },
    involvedObject: {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      namespace: "default",
      name: "digits",
      uid: "u-1",
      resourceVersion: "41",
      fieldPath: "spec.source",
    },
    reason: "RevisionReady",
    message: "Revision digits-1a2b3c4d5e answers.",
    type: "Normal",
    count: 2,
    firstTimestamp: time,
    lastTimestamp: "2026-01-31T12:00:05Z",
    eventTime: "2026-01-31T12:00:00.123456Z",
    source: { component: "control", host: "laptop" },
    reportingComponent: "slipway.dev/control",
    reportingInstance: "laptop-1",
    action: "Rollout",
    related: { kind: "Revision", name: "digits-1a2b3c4d5e" },
    series: { count: 2, lastObservedTime: time },
  },
};

/** For tests: a Model with only what must be there, and the given spec fields over it. */
export function smallModel(spec: Record<string, unknown> = {}, name = "digits"): Record<string, unknown> {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name },
    spec: { source: { bundle: digest }, ...spec },
  };
}
