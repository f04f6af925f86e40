import { type ChannelCredentials, type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import { silentLog, systemClock } from "@slipway/base";
import { loopbackHosts } from "../../safety/check-request.ts";
import type { HttpServer, HttpServerOptions } from "../../server/http-server.ts";
import { startHttpServer } from "../../server/start-http-server.ts";
import type { GrpcMethod } from "../grpc-method.ts";

/** A listener of these methods, and how to reach it. */
export interface TestGrpc {
  readonly server: HttpServer;
  readonly port: number;
  readonly loads: () => number;
  /** A client of the library that others use. */
  client(options?: ChannelOptions, secure?: ChannelCredentials): Client;
}

/** Starts a listener of these methods, beside `GET /ok` over HTTP/1.1, for one test. */
export async function withGrpc(
  methods: readonly GrpcMethod[],
  work: (grpc: TestGrpc) => Promise<void>,
  more: Partial<HttpServerOptions> = {},
): Promise<void> {
  let loads = 0;
  const clients: Client[] = [];
  const load = async () => {
    loads += 1;
    return methods;
  };
  const server = await startHttpServer({
    routes: [
      {
        method: "GET",
        path: "/ok",
        access: { type: "open" },
        limits: { bodyBytes: 0, bodyMs: 100 },
        handler: (exchange) => exchange.sendJson(200, { ok: true }),
      },
    ],
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock: systemClock,
    log: silentLog,
    grpc: { load, messageBytes: 1024 * 1024, messageMs: 2_000 },
    ...more,
  });
  const { port } = server.address as { port: number };
  const client = (options: ChannelOptions = {}, secure = credentials.createInsecure()) => {
    const made = new Client(`127.0.0.1:${port}`, secure, {
      "grpc.enable_http_proxy": 0,
      "grpc.use_local_subchannel_pool": 1,
      ...options,
    });
    clients.push(made);
    return made;
  };
  try {
    await work({ server, port, loads: () => loads, client });
  } finally {
    for (const made of clients) made.close();
    await server.close({ drainMs: 200 });
  }
}
