import { type Actor, backoff, type ErrorCode, runGroup, SlipwayError } from "@slipway/base";
import { Controller, EventRecorder, PublishedRoutes } from "@slipway/control";
import { RoutePublisher } from "@slipway/gateway";
import { startHealthServer } from "@slipway/http";
import {
  type ApiServer,
  CachedStore,
  ClusterCaches,
  InstallationAuthority,
  KubernetesBackend,
  KubernetesStore,
  LeaderElection,
  ModelCertificates,
  operatorLease,
  RestClient,
} from "@slipway/kubernetes";
import packageJson from "../../package.json" with { type: "json" };
import { type ClusterParts, everyAddress } from "./cluster-process.ts";
import { PlatformCertificates } from "./platform-certificates.ts";
import { podPlaces } from "./pod-places.ts";
import { thisCluster } from "./this-cluster.ts";

/** How long gateways that lost the operator before this one may take to find it, milliseconds. Until then no replica is given up. */
const reconnectMs = 10_000;

/** Failures of the API server or the way to it: leading is begun again once they are over. */
const passing: readonly ErrorCode[] = ["unavailable", "timeout", "overloaded", "cancelled"];

/** Who led for this long, milliseconds, tries again at once. */
const steadyMs = 60_000;

/** What an operator is told; tests choose other places. */
export interface ClusterOperatorOptions {
  readonly server: ApiServer;
  /** Who it is; no two operators are called the same. */
  readonly self: string;
  /** The platform's namespace. */
  readonly namespace: string;
  readonly host: string;
  readonly routesPort: number;
  readonly healthPort: number;
}

/** Where a pod has everything. */
export function podOperatorOptions(server: ApiServer, pod: { name: string; namespace: string }): ClusterOperatorOptions {
  const { ports } = podPlaces;
  return {
    server,
    self: pod.name,
    namespace: pod.namespace,
    host: everyAddress(),
    routesPort: ports.routes,
    healthPort: ports.health,
  };
}

/**
 * An operator's process: knows the cluster, waits until it leads, and then keeps every Model as its spec says and tells gateways where requests go.
 * Who does not lead any more stops all that and stands by. Without the API server nothing changes: gateways keep their routes.
 */
export async function clusterOperator(options: ClusterOperatorOptions, { clock, log, stop }: ClusterParts): Promise<void> {
  const { namespace, self, server } = options;
  const rest = new RestClient(server);
  const caches = new ClusterCaches({ rest, clock, log });
  let known = false;
  void caches.synced.then(() => {
    known = true;
  });
  const notReady = () => (known ? undefined : "The cluster's objects are not known yet.");
  const health = await startHealthServer({ host: options.host, port: options.healthPort, notReady, clock, log });
  const election = new LeaderElection({ rest, clock, log, namespace, name: operatorLease, self });
  const lead: Actor = {
    name: "election",
    run: async (signal) => {
      // Who leads no more stands by in the same process: kubelet would start a new one ever later, and the API server may long be back.
      for (let failures = 0; !signal.aborted; ) {
        const began = clock.monotonic();
        await election
          .run((leading) => leadCluster(options, { rest, caches }, { clock, log, stop: leading }), signal)
          .catch((caught: unknown) => {
            if (!passing.includes(SlipwayError.from(caught).code)) throw caught;
            log.warn("leading ended; this operator stands by", { error: caught });
          });
        failures = clock.monotonic() - began > steadyMs ? 0 : failures + 1;
        await clock.sleep(backoff(failures), signal).catch(() => {});
      }
    },
  };
  try {
    await runGroup([caches, lead], stop);
  } finally {
    await health.close({ drainMs: 0 });
  }
}

async function leadCluster(
  { namespace, server, host, routesPort }: ClusterOperatorOptions,
  { rest, caches }: { rest: RestClient; caches: ClusterCaches },
  { clock, log, stop }: ClusterParts,
): Promise<void> {
  await caches.synced;
  const authority = await InstallationAuthority.open({ rest, clock, namespace }, stop);
  const platform = await PlatformCertificates.issue({ rest, authority, namespace, clock, log });
  const models = () => [...caches.models.values()].filter(({ metadata }) => caches.runs(metadata.namespace, metadata.name));
  const certificates = new ModelCertificates({ rest, clock, log, authority, models });
  const store = new CachedStore(new KubernetesStore({ server, clock }), {
    Model: caches.models,
    Revision: caches.revisions,
  });
  const { version } = packageJson;
  const backend = new KubernetesBackend({ rest, caches, certificates, clock, log, systemNamespace: namespace, version });
  const publisher = new RoutePublisher({ clock, log, reconnectMs });
  try {
    await publisher.listenTls({ host, port: routesPort, credentials: platform.identity });
    const controller = new Controller(
      {
        store,
        backend,
        routes: new PublishedRoutes(publisher),
        events: new EventRecorder(store, clock),
        clock,
        log,
        gateway: `http://slipway-gateway.${namespace}.svc`,
        place: thisCluster,
      },
      // Only now are the routes complete; a gateway that follows a table with gaps would refuse models it served before.
      () => publisher.begin(),
    );
    await runGroup([controller, platform, certificates], stop);
  } finally {
    backend.close();
    await publisher.close();
  }
}
