import assert from "node:assert/strict";
import { placeAutoscaling, wantedReplicas } from "@slipway/control";
import { type KubernetesObject, renderInstall, renderRevision } from "@slipway/kubernetes";
import { type Model, parse, revisionName, revisionTemplate } from "@slipway/spec";

const image = `registry.example/slipway@sha256:${"1".repeat(64)}`;
const systemNamespace = "slipway-system";

/** Models that use every field a cluster honours, by what is special about them. */
const specs: Readonly<Record<string, Record<string, unknown>>> = {
  plain: {},
  sized: { resources: { cpu: "500m", memory: "512Mi" }, parameters: { intraOpThreads: "2" }, samples: { verify: false } },
  gpu: { resources: { cpu: "2", memory: "4Gi", gpu: { name: "nvidia.com/gpu", count: 2 } } },
  secrets: {
    secrets: [
      { name: "weights", env: "TOKEN" },
      { name: "weights", key: "certificate", file: "/run/secrets/certificate" },
    ],
  },
  egress: { network: { egress: [{ cidr: "203.0.113.0/24", ports: [443] }] } },
  // A cloud's metadata service is in this network, and must be left out.
  wide: { network: { egress: [{ cidr: "0.0.0.0/0", ports: [80] }] } },
  placed: {
    placement: {
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }],
      spread: ["zone", "node"],
      priorityClassName: "high",
      imagePullSecrets: ["registry"],
      architecture: "arm64",
    },
  },
  autoscaled: {
    resources: { cpu: "500m", memory: "512Mi" },
    scaling: {
      minReplicas: 2,
      maxReplicas: 8,
      metrics: [
        { type: "cpu", target: 70 },
        { type: "memory", target: 80 },
      ],
    },
  },
};

/** Objects under the name of what they make. */
export interface Rendered {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
}

/** What `slipway install` applies: with what it is given by itself, and with everything that can be asked for. */
export function renderedInstallations(): Rendered[] {
  const more = {
    modelNamespaces: ["default", "team-a"],
    hosts: ["models.example.com"],
    parentGateway: { namespace: "infrastructure", name: "public" },
  };
  const settings = { image, version: "0.1.0" };
  return [
    { name: "installation", objects: renderInstall(settings) },
    { name: "installation with everything", objects: renderInstall({ ...settings, ...more }) },
  ];
}

/** What runs a revision of each of several Models. */
export function renderedRevisions(): Rendered[] {
  return Object.keys(specs).map((name) => ({ name: `model ${name}`, objects: renderedRevision(name) }));
}

/** What runs a revision of one Model, by what is special about it. */
export function renderedRevision(special: string, namespace = "default"): KubernetesObject[] {
  const model = sampleModel(special, namespace);
  const { apiVersion, metadata } = model;
  const owned = { namespace, uid: "e4b1c2d3-5a6f-4789-8abc-def012345678" };
  const revision = {
    apiVersion,
    kind: "Revision" as const,
    metadata: { name: revisionName(model), ...owned },
    spec: { model: metadata.name, number: 1, ...revisionTemplate(model) },
  };
  const autoscaling = placeAutoscaling(model, { autoscales: true });
  const replicas = wantedReplicas(model);
  return renderRevision(model, revision, { image, replicas, systemNamespace, ...(autoscaling && { autoscaling }) });
}

/** A Model as an API server has it. */
export function sampleModel(special: string, namespace = "default"): Model {
  const parsed = parse(
    "Model",
    {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name: special, namespace, uid: "7d1f6a52-0f0c-4e3a-9b57-1c2d3e4f5a6b" },
      spec: { source: { bundle: `sha256:${"0".repeat(64)}` }, ...specs[special] },
    },
    { source: "api" },
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}
