import { SlipwayError } from "@slipway/base";
import { type Client, createClient, createInference, type Fetch, type Inference } from "@slipway/client";
import { Agent, fetch as undiciFetch } from "undici";
import type { CliContext } from "./context.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import type { PlatformInfo } from "./platform.ts";

/** A running platform, connected. */
export interface Session {
  readonly info: PlatformInfo;
  readonly client: Client;
  readonly inference: Inference;
}

/** Runs `work` with the platform of this home; `unavailable` when none runs. Connections are closed whatever happens. */
export async function withSession<T>(context: CliContext, home: string, work: (session: Session) => Promise<T>): Promise<T> {
  const info = await context.platform.read(home);
  if (info === undefined) {
    throw new SlipwayError("unavailable", `No platform runs in ${home}.`, {
      hint: "Start it with `slipway up --detach`, or name another home with --home or SLIPWAY_HOME.",
    });
  }
  const cluster = await readKubeconfig(info.kubeconfig);
  // A watch may be silent for long, and a prediction may take long: neither is cut by a timer of the transport. No proxy: it is this machine.
  const api = new Agent({ connect: { ca: cluster.ca }, bodyTimeout: 0 });
  const gateway = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  try {
    return await work({
      info,
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
