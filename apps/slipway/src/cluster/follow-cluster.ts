import { OutageLog, RestClient, serviceAddresses, TokenReviewer, WatchedApiKeys, WatchedEndpoints } from "@slipway/kubernetes";
import type { ClusterParts } from "./cluster-process.ts";
import type { OwnCluster } from "./connect-own-cluster.ts";
import type { ClusterSources } from "./gateway-role.ts";

/** A cluster that is followed. Closing it ends the connection too. */
export interface FollowedCluster extends ClusterSources {
  close(): Promise<void>;
}

/** Begins to follow what a gateway needs of its cluster; while the API server is away, what was known stays. */
export function followCluster({ server, pod }: OwnCluster, { clock, log }: Pick<ClusterParts, "clock" | "log">): FollowedCluster {
  const rest = new RestClient(server);
  const outages = new OutageLog(log);
  const endpoints = new WatchedEndpoints({ rest, clock, outages });
  const keys = new WatchedApiKeys({ rest, clock, log, outages, namespace: pod.namespace });
  const stop = new AbortController();
  const running = [endpoints.run(stop.signal), keys.run(stop.signal)];
  return {
    endpoints,
    keys,
    reviewer: new TokenReviewer({ rest, clock }),
    operators: () => serviceAddresses({ rest, clock }, { namespace: pod.namespace, name: "slipway-operator" }),
    close: async () => {
      stop.abort();
      await server.close();
      await Promise.allSettled(running);
    },
  };
}
