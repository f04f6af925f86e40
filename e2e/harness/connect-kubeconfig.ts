import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "@slipway/base";
import { type ClusterConnection, connectCluster, readKubeconfig } from "@slipway/kubernetes";

/** The way to the control API that a kubeconfig names, in a cluster or on this machine. */
export function connectKubeconfig(path: string): Promise<ClusterConnection> {
  return connectCluster(readKubeconfig([{ text: readFileSync(path, "utf8"), directory: dirname(path) }]), { clock: systemClock });
}
