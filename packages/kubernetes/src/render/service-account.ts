import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { modelMeta } from "./revision-meta.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** An identity of the Model's own, so that rights given to another pod of the namespace are never its. It has none, and no token. */
export function serviceAccount(parts: RevisionParts): KubernetesObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: modelMeta(parts), automountServiceAccountToken: false };
}
