import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "@slipway/base";
import { type ClusterConnection, connectCluster, readKubeconfig } from "@slipway/kubernetes";
import { givenKubeconfig, kubeconfigPath } from "../../cluster/index.ts";

/** The way to the cluster of the tests, as its administrator. */
export function connectAdmin(): Promise<ClusterConnection> {
  const path = givenKubeconfig() ?? kubeconfigPath;
  return connectCluster(readKubeconfig([{ text: readFileSync(path, "utf8"), directory: dirname(path) }]), { clock: systemClock });
}
