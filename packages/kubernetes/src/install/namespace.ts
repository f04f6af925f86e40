import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { clusterMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** The platform's namespace. */
export function namespace(parts: InstallParts): KubernetesObject[] {
  return [restrictedNamespace(parts, parts.namespace)];
}

/** A namespace in which Kubernetes itself refuses any pod that is not restricted. */
export function restrictedNamespace(parts: InstallParts, name: string): KubernetesObject {
  const level = (mode: string) => ({
    [`pod-security.kubernetes.io/${mode}`]: "restricted",
    [`pod-security.kubernetes.io/${mode}-version`]: "latest",
  });
  const metadata = clusterMeta(parts, name, { ...level("enforce"), ...level("warn"), ...level("audit") });
  return { apiVersion: "v1", kind: "Namespace", metadata };
}
