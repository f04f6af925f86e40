import { createApi } from "@slipway/api";
import { type Clock, SlipwayError, silentLog, systemClock } from "@slipway/base";
import type { Fetch } from "@slipway/client";
import { issueLoopbackCertificate, loopbackHosts, startHttpServer } from "@slipway/http";
import type { Store } from "@slipway/store";
import { Agent, fetch } from "undici";
import type { ApiServer } from "../rest/rest-client.ts";

/** Slipway's own control API, which keeps to Kubernetes' conventions, over HTTP or TLS: it stands in for an API server. */
export interface StandIn extends ApiServer {
  /** PEM of the authority, when it speaks TLS. */
  readonly ca: string;
  readonly token: string;
  close(): Promise<void>;
}

/** Serves a store on a free port. */
export async function startApiServer(store: Store, clock: Clock, options: { tls?: boolean } = {}): Promise<StandIn> {
  const token = "the-token";
  const certificate = options.tls === true ? await issueLoopbackCertificate({ now: systemClock.now() }) : undefined;
  const api = createApi({
    store,
    authenticate: (sent) => (sent === token ? { name: "ada", groups: ["admins"] } : undefined),
    clock,
    log: silentLog,
    version: "0.0.0",
  });
  const server = await startHttpServer({
    ...api,
    ...(certificate && { tls: certificate }),
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
  });
  if (!("url" in server.address)) throw new SlipwayError("internal", "The stand-in has no port.");
  const agent = new Agent(certificate && { connect: { ca: certificate.ca } });
  const through: Fetch = (url, init) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` }, dispatcher: agent });
  return {
    baseUrl: server.address.url,
    ca: certificate?.ca ?? "",
    token,
    fetch: through,
    async close() {
      await agent.destroy();
      await server.close({ drainMs: 100 });
    },
  };
}
