import { containers } from "../objects/containers.ts";
import { imageReference } from "../objects/image-reference.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { systemSecrets } from "../objects/names.ts";
import { restrictedContainer, restrictedPod } from "../objects/pod-security.ts";
import { type Component, componentName, componentSelector, systemMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

const { command, roles, ports, paths } = containers;

/** What is different between the two. */
interface Workload {
  readonly component: Component;
  /** Its own listener, beside the health port. */
  readonly port: { readonly name: string; readonly number: number };
  /** Whether it gets one address for all its pods, or is looked up pod by pod. */
  readonly headless: boolean;
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Seconds to end in. */
  readonly graceSeconds: number;
  /** The Secret with its certificate; the operator issues its own in memory. */
  readonly tlsSecret?: string;
  readonly env: (parts: InstallParts) => Readonly<Record<string, string>>;
}

const workloads: readonly Workload[] = [
  {
    component: "operator",
    port: { name: "routes", number: ports.routes },
    // A gateway looks for the one operator that leads.
    headless: true,
    resources: { cpu: "100m", memory: "256Mi" },
    graceSeconds: 30,
    env: () => ({}),
  },
  {
    component: "gateway",
    port: { name: "http", number: ports.inference },
    headless: false,
    resources: { cpu: "250m", memory: "512Mi" },
    graceSeconds: 60,
    tlsSecret: systemSecrets.gatewayTls,
    env: ({ hosts }) => ({ SLIPWAY_HOSTS: hosts.join(",") }),
  },
];

/** Operator and gateways, two of each, on different nodes where there are two. */
export function platformWorkloads(parts: InstallParts): KubernetesObject[] {
  return workloads.flatMap((workload) => [
    service(parts, workload),
    disruptionBudget(parts, workload),
    deployment(parts, workload),
  ]);
}

function service(parts: InstallParts, { component, port, headless }: Workload): KubernetesObject {
  const selector = componentSelector(component);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: systemMeta(parts, componentName(component), selector),
    spec: {
      type: "ClusterIP",
      ...(headless ? { clusterIP: "None" } : {}),
      selector,
      ports: [
        {
          name: port.name,
          protocol: "TCP",
          // Inference is HTTP: its Service has HTTP's port. A headless Service has no port but the pods'.
          port: headless ? port.number : 80,
          targetPort: port.name,
          ...(headless ? {} : { appProtocol: "http" }),
        },
      ],
    },
  };
}

function disruptionBudget(parts: InstallParts, { component }: Workload): KubernetesObject {
  const selector = componentSelector(component);
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: systemMeta(parts, componentName(component), selector),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
  };
}

function deployment(parts: InstallParts, workload: Workload): KubernetesObject {
  const { component, graceSeconds, tlsSecret } = workload;
  const selector = componentSelector(component);
  const metadata = systemMeta(parts, componentName(component), selector);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas: 2,
      selector: { matchLabels: selector },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 3,
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          serviceAccountName: componentName(component),
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: graceSeconds,
          securityContext: restrictedPod,
          topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
            topologyKey,
            maxSkew: 1,
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: selector },
          })),
          containers: [container(parts, workload)],
          volumes: [
            { name: "temporary", emptyDir: { sizeLimit: "64Mi" } },
            // A gateway waits for the operator to have made it.
            ...(tlsSecret === undefined ? [] : [{ name: "tls", secret: { secretName: tlsSecret, defaultMode: 0o440 } }]),
          ],
        },
      },
    },
  };
}

function container(parts: InstallParts, { component, port, resources, tlsSecret, env }: Workload) {
  const probe = { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 };
  return {
    name: component,
    image: imageReference(parts.image),
    imagePullPolicy: "IfNotPresent",
    command: [...command, roles[component]],
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      ...Object.entries(env(parts)).map(([name, value]) => ({ name, value })),
    ],
    ports: [
      { name: port.name, containerPort: port.number, protocol: "TCP" },
      { name: "health", containerPort: ports.health, protocol: "TCP" },
    ],
    // CPU is not limited: a gateway that is throttled delays every model.
    resources: { requests: resources, limits: { memory: resources.memory } },
    readinessProbe: { httpGet: { path: paths.ready, port: "health" }, ...probe },
    livenessProbe: { httpGet: { path: paths.live, port: "health" }, ...probe, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: restrictedContainer,
    volumeMounts: [
      { name: "temporary", mountPath: "/tmp" },
      ...(tlsSecret === undefined ? [] : [{ name: "tls", mountPath: paths.tls, readOnly: true }]),
    ],
  };
}
