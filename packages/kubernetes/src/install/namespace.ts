import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { clusterMeta } from "./install-meta.ts";
import type { InstallParts } from "./install-settings.ts";

/** The platform's namespace; Kubernetes itself refuses any pod in it that is not restricted. */
export function namespace(parts: InstallParts): KubernetesObject[] {
  const level = (mode: string) => ({
    [`pod-security.kubernetes.io/${mode}`]: "restricted",
    [`pod-security.kubernetes.io/${mode}-version`]: "latest",
  });
  const metadata = clusterMeta(parts, parts.namespace, { ...level("enforce"), ...level("warn"), ...level("audit") });
  return [{ apiVersion: "v1", kind: "Namespace", metadata }];
}
