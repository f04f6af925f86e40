import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fromWireError, SlipwayError, systemClock, toWireError, type WireError } from "@slipway/base";
import { type HomePaths, homeProblem } from "@slipway/local";
import type { PlatformInfo, UpOptions } from "../commands/platform.ts";
import { roleCommands } from "./commands.ts";
import { supervisorLog } from "./supervisor-log.ts";
import { runSupervisor } from "./supervisor-role.ts";

/** What a detached supervisor tells the process that started it. */
type Word = { readonly info: PlatformInfo } | { readonly error: WireError };

/** Starts a supervisor as a process of its own; resolves once the platform is ready. */
export async function startDetachedSupervisor(paths: HomePaths, options: UpOptions, signal: AbortSignal): Promise<PlatformInfo> {
  const log = await open(join(paths.logs, "supervisor.log"), "a", 0o600).catch((caught: unknown) => {
    throw homeProblem(caught, paths.directory);
  });
  const [program, ...args] = roleCommands.supervisor(paths, options);
  const child = spawn(program!, args, { detached: true, stdio: ["ignore", log.fd, log.fd, "ipc"] });
  await log.close();
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      child.kill("SIGTERM");
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", reject);
    child.once("exit", (code, killer) => {
      reject(
        new SlipwayError("internal", `The supervisor ended before it was ready (${killer ?? `exit code ${code}`}).`, {
          hint: `Its log is ${join(paths.logs, "supervisor.log")}.`,
        }),
      );
    });
    child.once("message", (word: Word) => {
      signal.removeEventListener("abort", onAbort);
      child.disconnect();
      child.unref();
      if ("info" in word) resolve(word.info);
      else reject(fromWireError(word.error));
    });
  });
}

/** The process that {@link startDetachedSupervisor} starts. */
export async function runDetachedSupervisor(
  paths: HomePaths,
  options: Pick<UpOptions, "gatewayPort" | "apiPort">,
): Promise<void> {
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort());
  process.on("SIGINT", () => stop.abort());
  // The terminal that started it may close.
  process.on("SIGHUP", () => {});
  // A log that cannot be written, as on a full disk, must not end the platform.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const log = supervisorLog(systemClock, (line) => process.stdout.write(line));
  const say = (word: Word) => process.send?.(word);
  try {
    await runSupervisor(paths, options, { clock: systemClock, log, ready: (info) => say({ info }), signal: stop.signal });
    process.exit(0);
  } catch (caught) {
    log.error("the platform could not be started", { error: caught });
    const error = SlipwayError.from(caught);
    if (process.send === undefined || !process.connected) process.exit(error.exitCode);
    process.send({ error: toWireError(error) } satisfies Word, () => process.exit(error.exitCode));
  }
}
