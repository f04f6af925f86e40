import { readFile } from "node:fs/promises";
import { SlipwayError, systemClock } from "@slipway/base";
import { HomeLock, type HomePaths, locateHome, openHome, type RuntimeLocation } from "@slipway/local";
import packageJson from "../../package.json" with { type: "json" };
import type { Platform, PlatformInfo, UpOptions } from "../commands/platform.ts";
import { supervisorLog } from "./supervisor-log.ts";

/** How long `down` waits for the supervisor, which itself bounds every process it ends, milliseconds. */
const downMs = 60_000;

/** The platform as the command line sees it. What only one command does is loaded by that command. */
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
    const { runSupervisor } = await import("./supervisor-role.ts");
    await runSupervisor(paths, options, { clock, log, ready, signal });
  }

  async function startDetached(options: UpOptions, signal: AbortSignal): Promise<PlatformInfo> {
    const { startDetachedSupervisor } = await import("./detached.ts");
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

  async function serve(...call: Parameters<Platform["serve"]>): Promise<void> {
    const { serveBundle } = await import("./serve-bundle.ts");
    await serveBundle(location, ...call);
  }

  return { read, up, startDetached, down, serve, version: packageJson.version };
}
