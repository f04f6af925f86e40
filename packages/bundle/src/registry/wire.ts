import { SlipwayError } from "@slipway/base";
import type { Dispatcher } from "undici";

/** One HTTP request, as it goes out: no redirect is followed, nothing is tried twice. */
export interface WireRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body must be read or discarded. */
export type WireResponse = Dispatcher.ResponseData;

/** Silence after which a connection counts as lost, milliseconds. */
const silenceMs = 30_000;
/** A registry hashes a large blob before it answers the request that ends an upload. */
const answerMs = 300_000;

/** Proxies that lead to registries, as URLs; `no` lists hosts that are reached without, with commas between. */
export interface Proxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  readonly no?: string | undefined;
}

interface Connections {
  readonly request: typeof import("undici").request;
  readonly agent: Dispatcher;
}

/** What the other side of a connection is called in messages. */
export type Peer = "registry" | "server";

/** Connections to registries, kept while they are used. */
export class Wire {
  private readonly proxies: Proxies;
  private readonly peer: Peer;
  private connections: Promise<Connections> | undefined;

  /** `peer` is what messages call the other side. */
  constructor(proxies: Proxies = {}, peer: Peer = "registry") {
    this.proxies = proxies;
    this.peer = peer;
  }

  /** Throws `unavailable` (worth another try) when the connection fails, `forbidden` when the server cannot prove who it is. */
  async send(url: URL, { method, headers, body, signal }: WireRequest): Promise<WireResponse> {
    try {
      this.connections ??= connect(this.proxies);
      const { request, agent } = await this.connections;
      return await request(url, {
        method,
        headers,
        dispatcher: agent,
        ...(body === undefined ? {} : { body, headersTimeout: answerMs }),
        ...(signal && { signal }),
      });
    } catch (caught) {
      throw this.problem(caught, url, signal);
    }
  }

  /** See {@link connectionError}. */
  problem(caught: unknown, url: URL, signal: AbortSignal | undefined): unknown {
    return connectionError(caught, url, signal, this.peer);
  }

  async close(): Promise<void> {
    await (await this.connections)?.agent.destroy();
  }
}

/** Loads the library with the first request: most processes that have bundles never speak to a registry. */
async function connect({ http = "", https = "", no = "" }: Proxies): Promise<Connections> {
  const { Agent, EnvHttpProxyAgent, request } = await import("undici");
  const options = { connect: { timeout: 15_000 }, headersTimeout: silenceMs, bodyTimeout: silenceMs, keepAliveTimeout: 5_000 };
  const noProxy = [...no.split(","), "localhost", "127.0.0.1", "::1"].filter((host) => host.trim() !== "").join(",");
  // It would look into the environment for what is not given, so everything is.
  const agent =
    http === "" && https === ""
      ? new Agent(options)
      : new EnvHttpProxyAgent({ ...options, httpProxy: http, httpsProxy: https, noProxy });
  return { request, agent };
}

/** What went wrong with a connection, as an error of the product. */
export function connectionError(caught: unknown, url: URL, signal: AbortSignal | undefined, peer: Peer = "registry"): unknown {
  if (caught instanceof SlipwayError) return caught;
  if (signal?.aborted) return new SlipwayError("cancelled", "The transfer was cancelled.", { cause: caught });
  const { code = "", message = "" } = (caught ?? {}) as { code?: string; message?: string };
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return new SlipwayError("forbidden", `The ${peer} ${url.host} cannot prove who it is: ${message}.`, {
      hint: "If its certificate comes from an authority of your own, name that one's file in NODE_EXTRA_CA_CERTS.",
      cause: caught,
    });
  }
  if (/EPROTO|ERR_SSL/.test(code)) {
    return new SlipwayError("unavailable", `The ${peer} ${url.host} does not speak HTTPS.`, {
      ...(peer === "registry" && { hint: `If it is meant to be reached without, say so: --insecure-registry ${url.host}.` }),
      cause: caught,
    });
  }
  if (code === "ENOTFOUND")
    return new SlipwayError("unavailable", `There is no host ${url.hostname}.`, {
      hint: peer === "registry" ? "Check the reference's first part, up to the slash." : "Check its name.",
      cause: caught,
    });
  return new SlipwayError("unavailable", `The connection to the ${peer} ${url.host} failed${code && ` (${code})`}.`, {
    hint: `See whether the ${peer} runs and this machine may reach it.`,
    cause: caught,
  });
}
