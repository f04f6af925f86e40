import { readFile } from "node:fs/promises";
import { aborted, SlipwayError } from "@slipway/base";
import { readImageBundle } from "@slipway/bundle";
import { startHealthServer, TlsFiles } from "@slipway/http";
import type { PodReplicaSpec } from "@slipway/kubernetes";
import { gatewayServerName } from "@slipway/protocol";
import {
  listenFrames,
  ReplicaMetrics,
  type ReplicaOptions,
  type ServedReplica,
  startReplica,
  tlsTransport,
} from "@slipway/serve";
import { bundleDigest, quantityBytes, quantityCores } from "@slipway/spec";
import { demandEnvironment } from "../trust/demand-environment.ts";
import { type ClusterParts, everyAddress, StuckWorker } from "./cluster-process.ts";
import { podPlaces } from "./pod-places.ts";

/** How long a gateway may take to acknowledge go-away by closing its connection, milliseconds. One that vanished never does. */
const acknowledgeMs = 20_000;

/** Where a replica finds things and is found; tests choose others. */
export interface ClusterReplicaOptions {
  /** The file with its configuration. */
  readonly configuration: string;
  /** The root of the image's file system. */
  readonly root: string;
  /** The directory with its certificate. */
  readonly tls: string;
  readonly host: string;
  readonly framesPort: number;
  readonly healthPort: number;
}

/** Where a pod has everything. */
export function podReplicaOptions(configuration: string = podPlaces.replicaSpec): ClusterReplicaOptions {
  const { ports, tls } = podPlaces;
  return { configuration, root: "/", tls, host: everyAddress(), framesPort: ports.frames, healthPort: ports.health };
}

/** A replica's process in a pod: serves the bundle of its image to gateways until it is asked to end, and then finishes what it accepted. */
export async function clusterReplica(options: ClusterReplicaOptions, { clock, log, stop }: ClusterParts): Promise<void> {
  const { host } = options;
  // First of all: what is wrong with the Model must be said, whatever else is missing.
  const serving = await replicaOptions(options);
  const credentials = await TlsFiles.open(options.tls, { clock, log });
  const { namespace, model, revision } = serving;
  const metrics = new ReplicaMetrics({ namespace, model, revision });
  let replica: ServedReplica | undefined;
  const notReady = () => {
    if (replica === undefined) return "The model is not loaded yet.";
    return stop.aborted || replica.state !== "ready" ? "The replica is stopping." : undefined;
  };
  const health = await startHealthServer({
    host,
    port: options.healthPort,
    notReady,
    metrics: () => metrics.render(),
    clock,
    log,
  });
  try {
    const started = await Promise.race([startReplica({ ...serving, metrics, clock, log }), aborted(stop)]);
    // Asked to end before there was anything to end.
    if (started === undefined) return;
    const transport = tlsTransport({ host, port: options.framesPort, credentials, client: gatewayServerName, log });
    const listener = await listenFrames({ replica: started, transport, lingerMs: acknowledgeMs, clock });
    replica = started;
    const failure = await Promise.race([aborted(stop), started.failed]);
    if (failure !== undefined) throw new StuckWorker(failure.code, failure.message, { cause: failure });
    log.info("stopping", { gateways: listener.connections, inflight: started.inflight });
    await listener.drain();
    await listener.close();
    await started.close();
    log.info("everything accepted is answered");
  } finally {
    credentials.close();
    await health.close({ drainMs: 0 });
  }
}

async function replicaOptions({ configuration, root }: ClusterReplicaOptions): Promise<Omit<ReplicaOptions, "clock" | "log">> {
  const { bundle, contract, resources, signatures: _, ...spec } = await readConfiguration(configuration);
  const manifest = await readImageBundle(root);
  if (manifest.digest !== bundleDigest(bundle)) {
    throw new SlipwayError(
      "invalid",
      `The image does not hold the bundle that the Model names: it has ${manifest.digest}, and spec.source.bundle is ${bundleDigest(bundle)}.`,
      { hint: "Make the image of that bundle, and name it in spec.source.image." },
    );
  }
  const { memory } = resources;
  await demandEnvironment(contract, {
    format: manifest.format,
    ...(memory === undefined ? {} : { memoryBytes: quantityBytes(memory) }),
  });
  return { ...spec, manifest, directory: root, ...(resources.cpu === undefined ? {} : { cpu: quantityCores(resources.cpu) }) };
}

async function readConfiguration(path: string): Promise<PodReplicaSpec> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as PodReplicaSpec;
  } catch (cause) {
    throw new SlipwayError("unavailable", `The configuration of the replica, ${path}, cannot be read.`, { cause });
  }
}
