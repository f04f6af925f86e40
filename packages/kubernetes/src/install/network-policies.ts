import { containers } from "../objects/containers.ts";
import { dnsEgress } from "../objects/dns-egress.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { labels } from "../objects/labels.ts";
import { type Component, componentName, componentSelector, systemMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

const { ports } = containers;
const tcp = (port: number) => ({ protocol: "TCP", port });

/** An API server has no pods to select: its usual ports, at any address. */
const apiServerEgress = { ports: [tcp(443), tcp(6443)] };

const modelPods = {
  namespaceSelector: {},
  podSelector: { matchLabels: { [labels.partOf]: "slipway", [labels.component]: "model" } },
};

/** Nothing in the platform's namespace may talk but for what is named here. Kubelet's probes are always let in. */
export function networkPolicies(parts: InstallParts): KubernetesObject[] {
  return [
    policy(parts, "slipway-default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    componentPolicy(parts, "operator", {
      ingress: [{ from: [podsOf("gateway")], ports: [tcp(ports.routes)] }],
      egress: [dnsEgress, apiServerEgress, { to: [modelPods], ports: [tcp(ports.health)] }],
    }),
    componentPolicy(parts, "gateway", {
      // From anywhere: who may ask is decided by the credential of the request.
      ingress: [{ ports: [tcp(ports.inference)] }],
      egress: [
        dnsEgress,
        apiServerEgress,
        { to: [podsOf("operator")], ports: [tcp(ports.routes)] },
        { to: [modelPods], ports: [tcp(ports.frames)] },
      ],
    }),
  ];
}

function podsOf(component: Component) {
  return { podSelector: { matchLabels: componentSelector(component) } };
}

function componentPolicy(parts: InstallParts, component: Component, rules: { ingress: unknown; egress: unknown }) {
  const podSelector = { matchLabels: componentSelector(component) };
  return policy(parts, componentName(component), { podSelector, policyTypes: ["Ingress", "Egress"], ...rules });
}

function policy(parts: InstallParts, name: string, spec: object): KubernetesObject {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: systemMeta(parts, name), spec };
}
