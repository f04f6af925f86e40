import type { ClusterConnection } from "@slipway/kubernetes";
import { givenKubeconfig, kubeconfigPath } from "../../cluster/index.ts";
import { connectKubeconfig } from "../../harness/connect-kubeconfig.ts";

/** The way to the cluster of the tests, as its administrator. */
export function connectAdmin(): Promise<ClusterConnection> {
  return connectKubeconfig(givenKubeconfig() ?? kubeconfigPath);
}
