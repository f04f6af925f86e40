import { pushImage } from "../cluster/index.ts";

/** Where the objects of this test live; the namespace enforces the restricted Pod Security Standard. */
export const namespace = "cluster-test";

const name = "greeting";
const labels = { app: name };

/** Makes an image that answers HTTP requests with its pod's name, and pushes it; gives its reference by digest. */
export async function pushGreeting(registry: string): Promise<string> {
  const script = "#!/bin/sh\ncat /etc/hostname >/www/index.html\nexec httpd -f -v -p 8080 -h /www\n";
  const files = [
    ...["sh", "cat", "wget", "httpd"].map((command) => ({ path: `usr/bin/${command}`, mode: 0o777, link: "busybox" })),
    { path: "greet", mode: 0o755, content: Buffer.from(script) },
  ];
  return pushImage(registry, {
    name,
    tag: "1",
    user: "65534:65534",
    entrypoint: ["/greet"],
    packages: ["busybox-static"],
    files,
  });
}

/** A replica on each node, behind a Service, and an autoscaler that looks at them. */
export function greetingObjects(reference: string, replicas: number): object[] {
  const metadata = { name, namespace };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod(reference) } },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
        minReplicas: replicas,
        maxReplicas: replicas + 1,
        metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }],
      },
    },
  ];
}

function pod(reference: string): object {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: labels },
      },
    ],
    containers: [
      {
        name,
        image: reference,
        resources: { requests: { cpu: "20m", memory: "16Mi" }, limits: { memory: "32Mi" } },
        readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
        securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        volumeMounts: [{ name: "www", mountPath: "/www" }],
      },
    ],
    volumes: [{ name: "www", emptyDir: {} }],
  };
}
