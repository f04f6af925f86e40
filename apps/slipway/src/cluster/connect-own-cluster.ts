import { type Clock, SlipwayError } from "@slipway/base";
import { type ClusterConnection, connectCluster, inClusterAccess } from "@slipway/kubernetes";

/** A pod's way to its own cluster, and which pod it is. */
export interface OwnCluster {
  readonly server: ClusterConnection;
  readonly pod: { readonly name: string; readonly namespace: string };
}

/** Connects with the pod's own service account. Throws `usage` when this process is in no pod of the platform. */
export async function connectOwnCluster(clock: Clock): Promise<OwnCluster> {
  const host = variable(process.env.KUBERNETES_SERVICE_HOST);
  const port = variable(process.env.KUBERNETES_SERVICE_PORT);
  const pod = { name: variable(process.env.POD_NAME), namespace: variable(process.env.POD_NAMESPACE) };
  return { server: await connectCluster(inClusterAccess({ host, port }), { clock }), pod };
}

function variable(value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  const needed = "KUBERNETES_SERVICE_HOST and _PORT, POD_NAME and POD_NAMESPACE";
  throw new SlipwayError("usage", `This role runs in a pod: ${needed} are needed.`, {
    hint: "`slipway install` gives them to the pods it makes.",
  });
}
