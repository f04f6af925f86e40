import { containers } from "../objects/containers.ts";
import { dnsEgress } from "../objects/dns-egress.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { labels } from "../objects/labels.ts";
import { modelMeta } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** Default deny both ways for every pod of the Model: gateways may send frames to it, it may look up names, and nothing else. Kubelet's probes are always let in. */
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
          from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": settings.systemNamespace } },
              podSelector: { matchLabels: { [labels.partOf]: "slipway", [labels.component]: "gateway" } },
            },
          ],
          ports: [{ protocol: "TCP", port: containers.ports.frames }],
        },
      ],
      egress: [dnsEgress],
    },
  };
}
