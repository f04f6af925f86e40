import { cidrContains, metadataServices, type Network } from "@slipway/spec";
import { containers } from "../objects/containers.ts";
import { dnsEgress } from "../objects/dns-egress.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { labels } from "../objects/labels.ts";
import { modelMeta } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/**
 * Default deny both ways for every pod of the Model: gateways may send frames to it and control may read its metrics, it may look up names and connect to what the Model names,
 * and nothing else. Kubelet's probes are always let in.
 */
export function networkPolicy(parts: RevisionParts): KubernetesObject {
  const { model, settings } = parts;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: modelMeta(parts),
    spec: {
      podSelector: { matchLabels: { [labels.model]: model.metadata.name } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [platformPods(settings.systemNamespace, "gateway")],
          ports: [{ protocol: "TCP", port: containers.ports.frames }],
        },
        {
          from: [platformPods(settings.systemNamespace, "operator")],
          ports: [{ protocol: "TCP", port: containers.ports.health }],
        },
      ],
      egress: [dnsEgress, ...(model.spec.network?.egress ?? []).map(egressRule)],
    },
  };
}

function platformPods(namespace: string, component: "gateway" | "operator") {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: { [labels.partOf]: "slipway", [labels.component]: component } },
  };
}

/** What the Model names, but never a cloud's metadata service that happens to be in it. */
function egressRule({ cidr, ports, protocol }: NonNullable<Network["egress"]>[number]) {
  const except = metadataServices.filter((service) => cidrContains(cidr, service));
  return {
    to: [{ ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } }],
    ports: ports.map((port) => ({ protocol, port })),
  };
}
