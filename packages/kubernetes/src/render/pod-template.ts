import { containers } from "../objects/containers.ts";
import { imageReference } from "../objects/image-reference.ts";
import { labels, ownLabels } from "../objects/labels.ts";
import { modelObjectName } from "../objects/names.ts";
import { restrictedContainer, restrictedPod } from "../objects/pod-security.ts";
import { revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** Seconds from the request to end to the kill: to be out of every gateway's routes, and then to finish what was accepted. */
const graceSeconds = 60;

/** Seconds a model may take to load and warm up. */
const startSeconds = 600;

const { command, roles, ports, paths } = containers;

/** The pod of a revision. It never changes once rendered: a change of it would replace every replica. */
export function podTemplate(parts: RevisionParts) {
  const { model } = parts;
  const { uid } = model.metadata;
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
      containers: [modelContainer(parts)],
      volumes: [
        { name: "configuration", configMap: { name: parts.revision.metadata.name } },
        { name: "temporary", emptyDir: { sizeLimit: "64Mi" } },
      ],
    },
  };
}

function modelContainer({ revision, settings }: RevisionParts) {
  const { cpu, memory } = revision.spec.resources;
  const amounts = { ...(cpu && { cpu }), ...(memory && { memory }) };
  return {
    name: "model",
    image: imageReference(settings.image),
    imagePullPolicy: "IfNotPresent",
    command: [command, roles.replica],
    args: [`${paths.configuration}/${paths.replicaSpec}`],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    ports: [
      { name: "frames", containerPort: ports.frames, protocol: "TCP" },
      { name: "health", containerPort: ports.health, protocol: "TCP" },
    ],
    // What a Model states are limits. The same is requested: a replica gets what it may use, as it does on one machine.
    ...(Object.keys(amounts).length === 0 ? {} : { resources: { requests: amounts, limits: amounts } }),
    startupProbe: { httpGet: { path: paths.ready, port: "health" }, periodSeconds: 1, failureThreshold: startSeconds },
    readinessProbe: { httpGet: { path: paths.ready, port: "health" }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 3 },
    // Patient: a model that computes for long is busy, not dead.
    livenessProbe: { httpGet: { path: paths.live, port: "health" }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    // Ends once no gateway sends here any more. A command and no HTTP hook: only who may run commands in the pod can drain it.
    lifecycle: { preStop: { exec: { command: [command, roles.drain] } } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "configuration", mountPath: paths.configuration, readOnly: true },
      { name: "temporary", mountPath: "/tmp" },
    ],
  };
}
