import { clusterImages } from "../images/cluster-images.ts";
import { addonPod } from "./addon-pod.ts";

const metadata = { name: "metrics-server", namespace: "kube-system" };
const labels = { "k8s-app": "metrics-server" };
const port = 10250;
const account = { kind: "ServiceAccount", ...metadata };
const rbac = "rbac.authorization.k8s.io";

/** The metrics-server as its own manifests install it, reading kubelets every ten seconds over verified TLS. */
export const metricsObjects: readonly object[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name: "system:metrics-server" },
    rules: [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: {
      name: "system:aggregated-metrics-reader",
      labels: Object.fromEntries(["view", "edit", "admin"].map((role) => [`${rbac}/aggregate-to-${role}`, "true"])),
    },
    rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
  },
  clusterBinding("system:metrics-server", "system:metrics-server"),
  clusterBinding("metrics-server:system:auth-delegator", "system:auth-delegator"),
  {
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name: "metrics-server-auth-reader", namespace: metadata.namespace },
    roleRef: { apiGroup: rbac, kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects: [account],
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: addonPod({
          name: metadata.name,
          image: clusterImages.metricsServer,
          args: [
            "--cert-dir=/tmp",
            `--secure-port=${port}`,
            "--kubelet-preferred-address-types=InternalIP",
            // The authority of the API server has signed the kubelets' certificates too.
            "--kubelet-certificate-authority=/authority/ca.crt",
            // The resolution must be the larger of the two.
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
          ],
          user: 1000,
          ready: { path: "/readyz", port, scheme: "HTTPS" },
          files: { "/tmp": { emptyDir: {} }, "/authority": { configMap: { name: "kube-root-ca.crt" } } },
        }),
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: port }] },
  },
  {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1beta1.metrics.k8s.io" },
    spec: {
      group: "metrics.k8s.io",
      version: "v1beta1",
      service: metadata,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
    },
  },
];

function clusterBinding(name: string, role: string): object {
  return {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects: [account],
  };
}
