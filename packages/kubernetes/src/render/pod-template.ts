import { SlipwayError } from "@slipway/base";
import type { Resources } from "@slipway/spec";
import { containers } from "../objects/containers.ts";
import { imageReference } from "../objects/image-reference.ts";
import { labels, ownLabels } from "../objects/labels.ts";
import { modelObjectName, modelTlsSecret } from "../objects/names.ts";
import { restrictedContainer, restrictedPod } from "../objects/pod-security.ts";
import { podPlacement } from "./pod-placement.ts";
import { revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";
import { secretVariables, secretVolumes } from "./secret-volumes.ts";

/** Seconds from the request to end to the kill: to be out of every gateway's routes, and then to finish what was accepted. */
const graceSeconds = 60;

/** Seconds a model may take to load and warm up. */
const startSeconds = 600;

const { command, roles, ports, paths } = containers;

/** The pod of a revision. It never changes once rendered: a change of it would replace every replica. */
export function podTemplate(parts: RevisionParts) {
  const { model, revision } = parts;
  const { uid } = model.metadata;
  const { secrets = [], placement = {} } = revision.spec;
  return {
    metadata: {
      labels: { ...ownLabels, [labels.component]: "model", ...revisionSelector(parts), ...(uid && { [labels.owner]: uid }) },
      // `kubectl logs` and `exec` need not name the container.
      annotations: { "kubectl.kubernetes.io/default-container": "model" },
    },
    spec: {
      serviceAccountName: modelObjectName(model.metadata.name),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      securityContext: restrictedPod,
      ...podPlacement(placement, revisionSelector(parts)),
      containers: [modelContainer(parts)],
      volumes: [
        configurationVolume(parts),
        ...secretVolumes(secrets).map(({ volume }) => volume),
        { name: "temporary", emptyDir: { sizeLimit: "64Mi" } },
      ],
    },
  };
}

function modelContainer({ revision, settings }: RevisionParts) {
  const { resources, secrets = [] } = revision.spec;
  return {
    name: "model",
    image: imageOf(revision, settings),
    imagePullPolicy: "IfNotPresent",
    command: [...command, roles.replica],
    args: [`${paths.configuration}/${paths.replicaSpec}`],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }, ...secretVariables(secrets)],
    ports: [
      { name: "frames", containerPort: ports.frames, protocol: "TCP" },
      { name: "health", containerPort: ports.health, protocol: "TCP" },
    ],
    ...amounts(resources),
    startupProbe: { httpGet: { path: paths.ready, port: "health" }, periodSeconds: 1, failureThreshold: startSeconds },
    readinessProbe: { httpGet: { path: paths.ready, port: "health" }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 },
    // Patient: a model that computes for long is busy, not dead.
    livenessProbe: { httpGet: { path: paths.live, port: "health" }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "configuration", mountPath: paths.configuration, readOnly: true },
      ...secretVolumes(secrets).map(({ mount }) => mount),
      { name: "temporary", mountPath: "/tmp" },
    ],
  };
}

/** What a Model states are limits. The same is requested: a replica gets what it may use, as it does on one machine; of devices Kubernetes asks for that. */
function amounts({ cpu, memory, gpu }: Resources) {
  const given = { ...(cpu && { cpu }), ...(memory && { memory }), ...(gpu && { [gpu.name]: String(gpu.count) }) };
  return Object.keys(given).length === 0 ? {} : { resources: { requests: given, limits: given } };
}

/** What a replica reads: its revision, and its certificate, which changes while it runs. One volume, for one cannot be mounted read-only in another. */
function configurationVolume({ model, revision }: RevisionParts) {
  const files = ["tls.crt", "tls.key", "ca.crt"];
  const inside = paths.tls.slice(paths.configuration.length + 1);
  return {
    name: "configuration",
    projected: {
      defaultMode: 0o440,
      sources: [
        {
          configMap: {
            name: revision.metadata.name,
            items: [{ key: paths.replicaSpec, path: paths.replicaSpec }],
          },
        },
        {
          secret: {
            name: modelTlsSecret(model.metadata.name),
            items: files.map((file) => ({ key: file, path: `${inside}/${file}` })),
          },
        },
      ],
    },
  };
}

function imageOf(revision: RevisionParts["revision"], settings: RevisionParts["settings"]): string {
  const image = settings.image ?? revision.spec.source.image;
  if (image !== undefined) return imageReference(image);
  throw new SlipwayError("invalid", `Revision ${revision.metadata.name} names no image, and a cluster runs images.`, {
    hint: "Set spec.source.image: `slipway push` makes the image and prints its name by digest.",
    problems: [{ path: "spec.source.image", message: "required in a cluster", reason: "FieldValueRequired" }],
  });
}
