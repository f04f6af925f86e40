import type { Clock } from "@slipway/base";
import type { Fetch } from "@slipway/client";
import { Agent, fetch } from "undici";
import type { ApiServer } from "../rest/rest-client.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { readSource } from "./read-source.ts";
import { tokenSource } from "./token-source.ts";

/** A cluster, connected. */
export interface ClusterConnection extends ApiServer {
  /** Ends every connection. */
  close(): Promise<void>;
}

/** An API server that does not begin to answer for this long will not. A watch may then be silent for long. */
const headersMs = 60_000;

/** Opens the way to a cluster; nothing is sent yet. `environment` is what a credential program is run in. Throws `unauthenticated` when a file is missing. */
export async function connectCluster(
  access: ClusterAccess,
  options: { readonly clock: Clock; readonly environment?: Readonly<Record<string, string | undefined>> },
): Promise<ClusterConnection> {
  const { ca, credential, insecure, serverName, server } = access;
  const certificate =
    credential.type === "certificate"
      ? { cert: await readSource(credential.certificate), key: await readSource(credential.key) }
      : {};
  const agent = new Agent({
    connect: {
      ...(ca && { ca: await readSource(ca) }),
      ...(serverName && { servername: serverName }),
      ...(insecure === true ? { rejectUnauthorized: false } : {}),
      ...certificate,
    },
    headersTimeout: headersMs,
    bodyTimeout: 0,
  });
  const token = tokenSource(credential, { clock: options.clock, environment: options.environment ?? {} });
  const through: Fetch = async (url, init) => {
    const bearer = await token();
    const headers = bearer === undefined ? init.headers : { ...init.headers, authorization: `Bearer ${bearer}` };
    // A redirect would carry the credential elsewhere.
    return fetch(url, { ...init, headers, redirect: "error", dispatcher: agent });
  };
  return { baseUrl: server, fetch: through, close: () => agent.destroy() };
}
