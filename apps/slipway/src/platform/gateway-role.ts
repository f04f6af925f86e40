import { aborted } from "@slipway/base";
import { startGateway, unixFeed } from "@slipway/gateway";
import type { HomePaths } from "@slipway/local";
import packageJson from "../../package.json" with { type: "json" };
import { readPort, writePort } from "./ports.ts";
import { runRole } from "./role.ts";

/** How long requests under way may take when the platform goes down, milliseconds. */
const drainMs = 10_000;

/** The gateway's process: one loopback address for inference, following the routes that control publishes. */
export function runGateway(paths: HomePaths): Promise<void> {
  return runRole("gateway", async ({ clock, log, lifeline, stop }) => {
    const port = await readPort(paths, "gateway");
    const gateway = await startGateway({
      listen: { host: "127.0.0.1", port, portHint: "Choose another with --gateway-port, or 0 for any free one." },
      routes: unixFeed(paths.routesSocket),
      version: packageJson.version,
      clock,
      log,
    });
    await writePort(paths, "gateway", gateway.address.port);
    lifeline.report({ state: "ready", detail: gateway.address.url });
    await aborted(stop);
    await gateway.close({ drainMs });
  });
}
