import { aborted } from "@slipway/base";
import { type ApiKeys, type Endpoints, GatewayAccess, startGateway, type TokenReviewer, tlsFeed } from "@slipway/gateway";
import { startHealthServer, TlsFiles } from "@slipway/http";
import packageJson from "../../package.json" with { type: "json" };
import { type ClusterParts, everyAddress } from "./cluster-process.ts";
import { podPlaces } from "./pod-places.ts";

/** How long nobody may have come before a gateway that leaves closes, and how long it waits for that at most, milliseconds. */
const leave = { quietMs: 2_000, mostMs: 10_000 } as const;

/** How long requests under way may take then, milliseconds. */
const drainMs = 30_000;

/** What a cluster tells a gateway. */
export interface ClusterSources {
  readonly endpoints: Endpoints;
  readonly keys: ApiKeys;
  readonly reviewer: TokenReviewer;
  /** Addresses of the operators, where the cluster can say. */
  readonly operators?: () => Promise<readonly string[]>;
}

/** Where a gateway finds things and is found; tests choose others. */
export interface ClusterGatewayOptions {
  /** Names it answers for. */
  readonly hosts: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly healthPort: number;
  /** The directory with its certificate. */
  readonly tls: string;
  /** Name and port of the operator that leads. */
  readonly operator: { readonly host: string; readonly port: number };
}

/** Where a pod of the platform's namespace has everything. `hosts` are names beside those of the gateways' Service. */
export function podGatewayOptions(namespace: string, hosts: readonly string[]): ClusterGatewayOptions {
  const { ports, tls } = podPlaces;
  const service = `slipway-gateway.${namespace}`;
  return {
    hosts: ["slipway-gateway", service, `${service}.svc`, `${service}.svc.cluster.local`, ...hosts],
    host: everyAddress(),
    port: ports.inference,
    healthPort: ports.health,
    tls,
    operator: { host: `slipway-operator.${namespace}.svc`, port: ports.routes },
  };
}

/** A gateway's process in a pod: serves inference for who may use it until it is asked to end, and then leaves without a request lost. */
export async function clusterGateway(
  options: ClusterGatewayOptions,
  sources: ClusterSources,
  { clock, log, stop }: ClusterParts,
): Promise<void> {
  const { host } = options;
  const credentials = await TlsFiles.open(options.tls, { clock, log });
  const gateway = await startGateway({
    listen: { host, port: options.port },
    allowedHosts: options.hosts,
    routes: tlsFeed({ ...options.operator, credentials, clock, ...(sources.operators && { resolve: sources.operators }) }),
    credentials,
    endpoints: sources.endpoints,
    access: new GatewayAccess({ ...sources, clock, log }),
    version: packageJson.version,
    clock,
    log,
  });
  const health = await startHealthServer({ host, port: options.healthPort, notReady: () => gateway.notReady(), clock, log });
  log.info("gateway listens", { hosts: options.hosts, port: gateway.address.port });
  await aborted(stop);
  log.info("stopping", { inflight: gateway.stats().inflight });
  await gateway.leave(leave);
  await gateway.close({ drainMs });
  await health.close({ drainMs: 0 });
  credentials.close();
  log.info("everything accepted is answered");
}

/** {@link clusterGateway} in a pod, with what its environment says and its cluster tells. */
export async function runClusterGateway(parts: ClusterParts): Promise<void> {
  const [{ connectOwnCluster }, { followCluster }] = await Promise.all([
    import("./connect-own-cluster.ts"),
    import("./follow-cluster.ts"),
  ]);
  const own = await connectOwnCluster(parts.clock);
  const hosts = (process.env.SLIPWAY_HOSTS ?? "").split(",").filter((name) => name !== "");
  const cluster = followCluster(own, parts);
  try {
    await clusterGateway(podGatewayOptions(own.pod.namespace, hosts), cluster, parts);
  } finally {
    await cluster.close();
  }
}
