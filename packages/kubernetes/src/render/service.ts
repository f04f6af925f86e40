import { containers } from "../objects/containers.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { serviceName } from "../objects/names.ts";
import { revisionMeta, revisionSelector } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** A headless Service: nobody connects to it, it makes Kubernetes keep the EndpointSlices from which gateways know the pods. */
export function service(parts: RevisionParts): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: revisionMeta(parts, serviceName(parts.revision.metadata.name)),
    spec: {
      type: "ClusterIP",
      clusterIP: "None",
      selector: revisionSelector(parts),
      ports: [{ name: "frames", protocol: "TCP", port: containers.ports.frames, targetPort: "frames" }],
    },
  };
}
