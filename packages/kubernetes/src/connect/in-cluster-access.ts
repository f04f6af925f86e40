import { join } from "node:path";
import type { ClusterAccess } from "./cluster-access.ts";

/** Where kubelet puts the token of a pod's service account. */
const mounted = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How a pod reaches its own cluster. Host and port are those of the environment's `KUBERNETES_SERVICE_HOST` and `_PORT`. */
export function inClusterAccess(options: {
  readonly host: string;
  readonly port: string;
  readonly directory?: string;
}): ClusterAccess {
  const { host, port, directory = mounted } = options;
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ca: { path: join(directory, "ca.crt") },
    credential: { type: "token", token: { path: join(directory, "token") } },
  };
}
