import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { aborted, type Clock, fromWireError, type Log, SlipwayError } from "@slipway/base";
import { BundleStore } from "@slipway/bundle";
import {
  allowedEnvironment,
  HomeLock,
  type HomePaths,
  type ProcessSpec,
  type ProcessStatus,
  replaceFile,
  type Supervisor,
  startSupervisor,
} from "@slipway/local";
import type { PlatformInfo, UpOptions } from "../commands/platform.ts";
import { roleCommands } from "./commands.ts";
import { firstPorts, type Listener, rememberedPort, writePort } from "./ports.ts";

/** Runs the platform of one home until the signal aborts: takes the home's lock, starts everything, calls `ready` once, and ends everything. */
export async function runSupervisor(
  paths: HomePaths,
  options: Pick<UpOptions, "gatewayPort" | "apiPort">,
  parts: { readonly clock: Clock; readonly log: Log; readonly ready: (info: PlatformInfo) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, log, ready, signal } = parts;
  const lock = await HomeLock.take(paths);
  try {
    await new BundleStore(paths.bundles, { clock }).sweep();
    await choosePort(paths, "gateway", options.gatewayPort);
    await choosePort(paths, "api", options.apiPort);
    const supervisor = await startSupervisor({
      home: paths,
      lock,
      clock,
      log,
      system: [systemProcess(paths, "gateway"), systemProcess(paths, "control")],
      environment: allowedEnvironment(process.env),
    });
    try {
      const info = await whenReady(supervisor, paths, signal);
      if (info === undefined) return;
      await replaceFile(paths.platform, `${JSON.stringify(info)}\n`);
      ready(info);
      await aborted(signal);
    } finally {
      await rm(paths.platform, { force: true });
      await supervisor.stop();
    }
  } finally {
    await lock.release();
  }
}

function systemProcess(paths: HomePaths, role: "control" | "gateway"): ProcessSpec {
  return {
    id: role,
    role,
    argv: roleCommands[role](paths),
    env: {},
    labels: {},
    logPath: join(paths.logs, `${role}.log`),
    limits: {},
  };
}

/** An explicit port is taken; without one, the port of last time; the first time the product's own, or any free one when somebody else has that. */
async function choosePort(paths: HomePaths, listener: Listener, asked: number | undefined): Promise<void> {
  const port =
    asked ?? (await rememberedPort(paths, listener)) ?? ((await isFree(firstPorts[listener])) ? firstPorts[listener] : 0);
  await writePort(paths, listener, port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** Waits until gateway and control are ready; throws what one of them failed with. Undefined when the signal aborts first. */
function whenReady(supervisor: Supervisor, paths: HomePaths, signal: AbortSignal): Promise<PlatformInfo | undefined> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const [gateway, control] = ["gateway", "control"].map((id) => supervisor.list().find((process) => process.id === id));
      const failed = [gateway, control].find((process) => process?.exit !== undefined && process.state !== "ready");
      if (failed !== undefined) settle(() => reject(startFailure(failed, paths)));
      else if (gateway?.state === "ready" && control?.state === "ready") {
        const info = { gateway: gateway.detail!, api: control.detail!, kubeconfig: paths.kubeconfig, pid: process.pid };
        settle(() => resolve(info));
      }
    };
    const onAbort = () => settle(() => resolve(undefined));
    const settle = (end: () => void) => {
      stopListening();
      signal.removeEventListener("abort", onAbort);
      end();
    };
    const stopListening = supervisor.onChange(look);
    signal.addEventListener("abort", onAbort, { once: true });
    look();
  });
}

function startFailure(failed: ProcessStatus, paths: HomePaths): SlipwayError {
  if (failed.error !== undefined) return fromWireError(failed.error);
  const end = failed.exit?.signal ?? `exit code ${failed.exit?.code}`;
  return new SlipwayError("internal", `The ${failed.id} process did not start (${end}).`, {
    hint: `Its log is ${join(paths.logs, `${failed.id}.log`)}.`,
  });
}
