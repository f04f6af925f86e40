import { type Clock, SlipwayError, silentLog, systemClock } from "@slipway/base";
import { type HttpServer, issueLoopbackCertificate, loopbackHosts, startHttpServer } from "@slipway/http";
import type { Model, Resource } from "@slipway/spec";
import { type LocalStore, openMemoryStore } from "@slipway/store";
import type { JsonObject } from "../body/json-object.ts";
import { createApi } from "../create-api.ts";

/** A digest that names no bundle; the API never looks. */
export const bundle = `sha256:${"a".repeat(64)}`;

/** The token of every {@link RunningApi}. */
export const token = "the-token";

/** The path of the Models of the default namespace. */
export const models = "/apis/slipway.dev/v1alpha1/namespaces/default/models";

/** The API on a free port over a store in memory, for tests. */
export interface RunningApi {
  readonly store: LocalStore;
  readonly url: string;
  /** PEM of the authority, when it speaks TLS. */
  readonly ca: string;
  /** Sends a request with the token; a body that is not text is sent as JSON. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** An answer whose body was JSON. */
export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Headers;
}

/** Starts the API; `tls` as kubectl needs it, because it sends no token without; `clock` for the API and its store, not for connections. */
export async function startApi(
  options: { tls?: boolean; historyLimit?: number; clock?: Clock; notReady?: () => string | undefined } = {},
): Promise<RunningApi> {
  const clock = options.clock ?? systemClock;
  const store = openMemoryStore({ clock, historyLimit: options.historyLimit ?? 10_000 });
  const certificate = options.tls === true ? await issueLoopbackCertificate({ now: systemClock.now() }) : undefined;
  const api = createApi({
    store,
    authenticate: (sent) => (sent === token ? { name: "ada", groups: ["admins"] } : undefined),
    clock,
    log: silentLog,
    version: "0.0.0",
    ...(options.notReady === undefined ? {} : { notReady: options.notReady }),
  });
  const server: HttpServer = await startHttpServer({
    ...api,
    ...(certificate === undefined ? {} : { tls: certificate }),
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
  });
  if (!("url" in server.address)) throw new SlipwayError("internal", "The test API has no port.");
  const { url } = server.address;
  return {
    store,
    url,
    ca: certificate?.ca ?? "",
    async request(method, path, body, headers = {}) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? {} : (JSON.parse(text) as JsonObject), headers: answer.headers };
    },
    async close() {
      await server.close({ drainMs: 100 });
      store.close();
    },
  };
}

/** A Model as a client would send it. */
export function model(name: string, more: { spec?: JsonObject; metadata?: JsonObject } = {}): JsonObject {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Model",
    metadata: { name, ...more.metadata },
    spec: { source: { bundle }, ...more.spec },
  };
}

/** Puts a Model into the store, past the API. */
export async function storedModel(store: LocalStore, name: string, more: Parameters<typeof model>[1] = {}): Promise<Model> {
  const next = model(name, { ...more, metadata: { namespace: "default", ...more.metadata } });
  return (await store.write(next as unknown as Resource, { expect: "absent", manager: "test" })) as Model;
}
