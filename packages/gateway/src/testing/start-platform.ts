import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import type { FrameRequest, RevisionRoute } from "@slipway/protocol";
import { tlsFeed, unixFeed } from "../feed/feed-connector.ts";
import { RoutePublisher } from "../feed/route-publisher.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../start-gateway.ts";
import { FakeReplica } from "./fake-replica.ts";
import type { TestNetwork } from "./test-network.ts";

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a client sends. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly signal?: AbortSignal;
}

/** A gateway on a free port with a publisher, fake replicas and a client; all of it ends with the test. */
export interface Platform {
  readonly gateway: Gateway;
  readonly publisher: RoutePublisher;
  readonly directory: string;
  replica(name: string, handler: (request: FrameRequest, replica: FakeReplica) => void): Promise<FakeReplica>;
  /** Publishes a model's route; resolves when the gateway has it in force and is connected to every replica of it. */
  publish(
    model: string,
    revisions: readonly { name: string; percent: number; replicas: readonly FakeReplica[] }[],
    namespace?: string,
  ): Promise<void>;
  call(path: string, sent?: Sent): Promise<Got>;
}

/** Waits for a condition, turn by turn, for at most ten seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 10_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) assert.fail(`waited 10 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Starts a {@link Platform}: on Unix sockets, or with TLS in a network. */
export async function startPlatform(
  test: TestContext,
  options: Partial<GatewayOptions> = {},
  network?: TestNetwork,
): Promise<Platform> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-gateway-"));
  const routesSocket = join(directory, "routes");
  const publisher = new RoutePublisher({ clock: systemClock, log: silentLog });
  let routes = unixFeed(routesSocket);
  if (network === undefined) await publisher.listen(routesSocket);
  else {
    const port = await publisher.listenTls({ host: "127.0.0.1", port: 0, credentials: network.operator });
    const resolve = async () => ["127.0.0.1"];
    routes = tlsFeed({ host: "operator", port, credentials: network.gateway, clock: systemClock, resolve });
  }
  publisher.begin();
  const gateway = await startGateway({
    listen: { host: "127.0.0.1", port: 0 },
    routes,
    ...(network === undefined ? {} : { credentials: network.gateway }),
    clock: systemClock,
    log: silentLog,
    version: "0.0.0-test",
    ...options,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const replicas: FakeReplica[] = [];
  test.after(async () => {
    agent.destroy();
    await gateway.close();
    await publisher.close();
    for (const replica of replicas) await replica.kill();
    await rm(directory, { recursive: true });
  });
  await until("the gateway has a table", () => gateway.stats().generation !== undefined);
  return {
    gateway,
    publisher,
    directory,
    async replica(name, handler) {
      const where = network?.replicas ?? join(directory, `${name}-${replicas.length}`);
      const replica = await new FakeReplica(name, where, handler).start();
      replicas.push(replica);
      return replica;
    },
    async publish(name, revisions, namespace = "default") {
      const routes: RevisionRoute[] = revisions.map((revision) => ({
        ...revision,
        replicas: revision.replicas.map((replica) => replica.route),
      }));
      const generation = publisher.publish(namespace, name, { namespace, name, revisions: routes });
      await until("the gateway has the routes", () => publisher.acknowledged() >= generation);
      const names = revisions.flatMap((revision) => revision.replicas.map((replica) => replica.name));
      await until("the replicas are connected", () => {
        const ready = new Set(
          gateway
            .stats()
            .replicas.filter((replica) => replica.ready)
            .map((replica) => replica.name),
        );
        return names.every((replica) => ready.has(replica));
      });
    },
    call: (path, sent = {}) => call(agent, `${gateway.address.url}${path}`, sent),
  };
}

function call(agent: Agent, url: string, sent: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { method = sent.body === undefined ? "GET" : "POST", headers = {}, body, signal } = sent;
    const request = httpRequest(url, { agent, method, headers, ...(signal === undefined ? {} : { signal }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString("latin1") }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** A handler that answers `NAME:` and the body. */
export function echo(request: FrameRequest, replica: FakeReplica): void {
  request.body.whole(64 * 1024 * 1024).then(
    (body) => {
      const answer = Buffer.concat([Buffer.from(`${replica.name}:`), body]);
      request.respond({ status: 200, headers: { "content-type": "text/plain" } }, answer);
    },
    (error) => request.fail(error),
  );
}
