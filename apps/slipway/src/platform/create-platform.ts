import { readFile } from "node:fs/promises";
import { aborted, SlipwayError, systemClock } from "@slipway/base";
import { BundleStore, parseDigest } from "@slipway/bundle";
import { TlsFiles } from "@slipway/http";
import { HomeLock, type HomePaths, locateHome, openHome, type RuntimeLocation } from "@slipway/local";
import { openLoadableModel, ReplicaMetrics, serveHttp, startReplica } from "@slipway/serve";
import packageJson from "../../package.json" with { type: "json" };
import type { Platform, PlatformInfo, UpOptions } from "../commands/platform.ts";
import { startDetachedSupervisor } from "./detached.ts";
import { runSupervisor, supervisorLog } from "./supervisor-role.ts";

/** How long `down` waits for the supervisor, which itself bounds every process it ends, milliseconds. */
const downMs = 60_000;

/** The platform as the command line sees it. */
export function createPlatform(location: RuntimeLocation): Platform {
  const clock = systemClock;

  async function read(home: string): Promise<PlatformInfo | undefined> {
    const paths = await locateHome(home, location);
    if ((await HomeLock.holder(paths)) === undefined) return undefined;
    return readFile(paths.platform, "utf8").then(
      (text) => JSON.parse(text) as PlatformInfo,
      () => undefined,
    );
  }

  async function up(options: UpOptions, ready: (info: PlatformInfo) => void, signal: AbortSignal): Promise<void> {
    const paths = await openHome(options.home, location);
    const log = supervisorLog(clock, (line) => process.stderr.write(line), "warn");
    await runSupervisor(paths, options, { clock, log, ready, signal });
  }

  async function startDetached(options: UpOptions, signal: AbortSignal): Promise<PlatformInfo> {
    return startDetachedSupervisor(await openHome(options.home, location), options, signal);
  }

  async function down(home: string, signal: AbortSignal): Promise<boolean> {
    const paths = await locateHome(home, location);
    const pid = await HomeLock.holder(paths);
    if (pid === undefined) return false;
    process.kill(pid, "SIGTERM");
    await ended(paths, pid, signal);
    return true;
  }

  async function ended(paths: HomePaths, pid: number, signal: AbortSignal): Promise<void> {
    const deadline = clock.monotonic() + downMs;
    while ((await HomeLock.holder(paths)) === pid) {
      if (clock.monotonic() > deadline) {
        throw new SlipwayError("timeout", `The platform (process ${pid}) has not ended after ${downMs / 1000} s.`, {
          hint: `\`kill -KILL ${pid}\` ends it; its processes follow within 2 s.`,
        });
      }
      await clock.sleep(30, signal);
    }
  }

  async function serve(
    { home, bundle, port, parameters, tls }: Parameters<Platform["serve"]>[0],
    ready: (url: string, model: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const log = supervisorLog(clock, (line) => process.stderr.write(line), "warn");
    const certificate = tls === undefined ? undefined : await TlsFiles.pair(tls, { clock, log });
    try {
      const store = new BundleStore((await openHome(home, location)).bundles, { clock });
      const digest = parseDigest(bundle);
      const { manifest } = await store.open(digest, { verify: "size" });
      const model = manifest.name ?? "model";
      const directory = await store.materialize(digest);
      const revision = digest.slice("sha256:".length, "sha256:".length + 10);
      const identity = { namespace: "default", model, revision };
      const metrics = new ReplicaMetrics(identity);
      const start = () => startReplica({ ...identity, manifest, directory, parameters, metrics, clock, log });
      const served = await openLoadableModel({ start, log });
      const server = await serveHttp(served, {
        port,
        ...(certificate === undefined ? {} : { tls: certificate }),
        portHint: "Choose another with --port, or 0 for any free one.",
        version: packageJson.version,
        metrics,
        clock,
        log,
      });
      if ("url" in server.address) ready(server.address.url, model);
      const failure = await Promise.race([aborted(signal), served.failed]);
      await server.close({ drainMs: failure === undefined ? 10_000 : 0 });
      if (failure !== undefined) throw failure;
      await served.close();
    } finally {
      certificate?.close();
    }
  }

  return { read, up, startDetached, down, serve, version: packageJson.version };
}
