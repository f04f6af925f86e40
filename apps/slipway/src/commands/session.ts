import { SlipwayError } from "@slipway/base";
import { type Client, createClient, createInference, type Fetch, type Inference } from "@slipway/client";
import type { ApiServer } from "@slipway/kubernetes";
import { Agent, fetch as undiciFetch } from "undici";
import type { CliContext } from "./context.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import type { ClusterPlace, MachinePlace, Place } from "./place.ts";

/** A place, connected. */
export interface Session {
  readonly client: Client;
  /** Absent in a cluster, whose gateways this machine need not be able to reach. */
  readonly inference?: Inference;
}

/** A cluster, connected: for what only an API server has. */
export interface ClusterSession extends Session {
  readonly place: ClusterPlace;
  readonly server: ApiServer;
}

/** Runs `work` with the control API of a place; `unavailable` when no platform runs there. Connections are closed whatever happens. */
export async function withSession<T>(context: CliContext, place: Place, work: (session: Session) => Promise<T>): Promise<T> {
  return place.type === "machine" ? withMachine(context, place, work) : withCluster(context, place, work);
}

/** The same in a cluster. */
export async function withCluster<T>(
  context: CliContext,
  place: ClusterPlace,
  work: (session: ClusterSession) => Promise<T>,
): Promise<T> {
  const { connectCluster, explainedFetch } = await import("@slipway/kubernetes");
  const connection = await connectCluster(place.access, { clock: context.clock, environment: context.env });
  const server: ApiServer = { baseUrl: connection.baseUrl, fetch: explainedFetch(connection.fetch, place.context) };
  try {
    return await work({ place, server, client: createClient({ ...server, clock: context.clock }) });
  } finally {
    await connection.close();
  }
}

async function withMachine<T>(context: CliContext, { home }: MachinePlace, work: (session: Session) => Promise<T>): Promise<T> {
  const info = await context.platform.read(home);
  if (info === undefined) {
    throw new SlipwayError("unavailable", `No platform runs in ${home}.`, {
      hint: "Start it with `slipway up --detach`, name another home with --home or SLIPWAY_HOME, or a cluster with --context.",
    });
  }
  const cluster = await readKubeconfig(info.kubeconfig);
  // A watch may be silent for long, and a prediction may take long: neither is cut by a timer of the transport. No proxy: it is this machine.
  const api = new Agent({ connect: { ca: cluster.ca }, bodyTimeout: 0 });
  const gateway = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  try {
    return await work({
      client: createClient({ baseUrl: cluster.server, token: cluster.token, fetch: fetchThrough(api), clock: context.clock }),
      inference: createInference({ baseUrl: info.gateway, fetch: fetchThrough(gateway) }),
    });
  } finally {
    await Promise.all([api.destroy(), gateway.destroy()]);
  }
}

function fetchThrough(dispatcher: Agent): Fetch {
  return (url, init) => undiciFetch(url, { ...init, dispatcher });
}
