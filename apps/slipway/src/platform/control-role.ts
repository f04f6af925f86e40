import { createApi } from "@slipway/api";
import { aborted, runGroup, SlipwayError } from "@slipway/base";
import { Controller, EventRecorder, PublishedRoutes, revisionRun } from "@slipway/control";
import { RoutePublisher } from "@slipway/gateway";
import { loopbackHosts, startHttpServer } from "@slipway/http";
import { type HomePaths, LocalBackend, oneMachine, oneMachineRefusals, RemoteProcessHost } from "@slipway/local";
import { quantityBytes, quantityCores } from "@slipway/spec";
import { eventSweeper, garbageActor, openSqliteStore } from "@slipway/store";
import packageJson from "../../package.json" with { type: "json" };
import { TrustFollower } from "../trust/trust-follower.ts";
import { replicaCommand } from "./commands.ts";
import { readCredentials, writeKubeconfig } from "./credentials.ts";
import { readPort, writePort } from "./ports.ts";
import { runRole } from "./role.ts";

/** Control's process: the store, the API over it, and the loop that keeps every Model as its spec says. */
export function runControl(paths: HomePaths): Promise<void> {
  return runRole("control", async ({ clock, log, lifeline, stop }) => {
    const trust = await TrustFollower.open(paths.trust, { clock, log });
    const store = openSqliteStore({ path: paths.state, clock, refuses: oneMachineRefusals });
    const credentials = await readCredentials(paths, clock.now());
    const gatewayPort = await readPort(paths, "gateway");
    const publisher = new RoutePublisher({ clock, log });
    const host = new RemoteProcessHost({ socketPath: paths.supervisorSocket, clock });
    const backend = new LocalBackend({
      host,
      home: paths,
      clock,
      command: (replica) => replicaCommand(paths, replica),
      run: revisionRun,
      limits: ({ cpu, memory }) => ({
        ...(cpu === undefined ? {} : { cpu: quantityCores(cpu) }),
        ...(memory === undefined ? {} : { memoryBytes: quantityBytes(memory) }),
      }),
    });
    const server = await startHttpServer({
      ...createApi({ store, authenticate: credentials.authenticate, clock, log, version: packageJson.version }),
      listen: {
        host: "127.0.0.1",
        port: await readPort(paths, "api"),
        portHint: "Choose another with --api-port, or 0 for any free one.",
      },
      tls: credentials.tls,
      allowedHosts: loopbackHosts,
      clock,
      log,
    });
    if (!("url" in server.address)) throw new SlipwayError("internal", "The control API has no address.");
    await writePort(paths, "api", server.address.port);
    await writeKubeconfig(paths, server.address.url, credentials);
    const { url } = server.address;
    await publisher.listen(paths.routesSocket);
    const synced = () => {
      // Only now are the routes complete; a gateway that follows a table with gaps would refuse models it served before.
      publisher.begin();
      lifeline.report({ state: "ready", detail: url });
    };
    const controller = new Controller(
      {
        store,
        backend,
        routes: new PublishedRoutes(publisher),
        events: new EventRecorder(store, clock),
        clock,
        log,
        gateway: `http://127.0.0.1:${gatewayPort}`,
        place: { ...oneMachine, refuses: trust.refuses },
      },
      synced,
    );
    const keepers = [trust, garbageActor({ store, clock, log }), eventSweeper({ store, clock, log })];
    try {
      await runGroup([controller, ...keepers, { name: "stop", run: () => aborted(stop) }], stop);
    } finally {
      await server.close({ drainMs: 2_000 });
      await publisher.close();
      host.close();
      store.close();
    }
  });
}
