import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createApi } from "@slipway/api";
import { silentLog, systemClock } from "@slipway/base";
import { type Backend, Controller, EventRecorder, PublishedRoutes } from "@slipway/control";
import { loopbackHosts, startHttpServer } from "@slipway/http";
import { oneMachine } from "@slipway/local";
import { openMemoryStore } from "@slipway/store";
import { stringify } from "yaml";
import type { CliContext } from "../commands/context.ts";
import { nowhere } from "../commands/nowhere.ts";
import { type CliRun, runForTest } from "./run-cli.ts";

/** A platform in this process, all real but for the backend it is given and the gateway, and the command line on it. */
export interface TestPlatform {
  /** Removed with the test; the home is in it. */
  readonly folder: string;
  /** Runs a command line against this platform; `input` is its standard input. */
  run(args: readonly string[], input?: string, more?: Partial<CliContext>): Promise<CliRun>;
}

const token = "test-token";

/** Starts it; everything ends with the test. */
export async function startTestPlatform(context: TestContext, backend: Backend): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
  const home = join(folder, "home");
  const clock = systemClock;
  const stop = new AbortController();
  const store = openMemoryStore({ clock });
  const routes = acknowledgedAtOnce();
  const gateway = await echoGateway();
  const parts = {
    store,
    backend,
    routes: new PublishedRoutes(routes),
    events: new EventRecorder(store, clock),
    clock,
    log: silentLog,
    place: oneMachine,
  };
  const controlling = new Controller({ ...parts, gateway: gateway.url }).run(stop.signal);
  const server = await startHttpServer({
    ...createApi({
      store,
      authenticate: (given) => (given === token ? { name: "test", groups: [] } : undefined),
      clock,
      log: silentLog,
      version: "0",
    }),
    listen: { host: "127.0.0.1", port: 0 },
    allowedHosts: loopbackHosts,
    clock,
    log: silentLog,
  });
  if (!("url" in server.address)) throw new Error("the API has no address");
  const api = server.address.url;
  const kubeconfig = join(folder, "kubeconfig");
  const cluster = { server: api, "certificate-authority-data": "" };
  await writeFile(kubeconfig, stringify({ clusters: [{ cluster }], users: [{ user: { token } }] }));
  context.after(async () => {
    stop.abort();
    await controlling;
    await server.close({ drainMs: 0 });
    gateway.close();
    store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const platform = {
    ...nowhere.platform,
    version: "0.0.0",
    read: async () => ({ gateway: gateway.url, api, kubeconfig, pid: process.pid }),
  };
  return {
    folder,
    run: (args, input = "", more = {}) => runForTest(["--home", home, ...args], { platform, input, cwd: process.cwd(), ...more }),
  };
}

/** Routes whose gateways have every table in force the moment it is published. */
function acknowledgedAtOnce(): ConstructorParameters<typeof PublishedRoutes>[0] {
  let generation = 0;
  return {
    publish: () => {
      generation += 1;
      return generation;
    },
    acknowledged: () => generation,
    onAcknowledged: () => () => {},
  };
}

/** Answers `ready` with 200, `infer` of `digits` with the request's body, and of any other model with 404. */
async function echoGateway(): Promise<{ url: string; close(): void }> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const known = /\/models\/digits(\/|$)/.test(request.url ?? "");
    response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
    response.end(known ? body : JSON.stringify({ error: `There is nothing at ${request.url}.` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
