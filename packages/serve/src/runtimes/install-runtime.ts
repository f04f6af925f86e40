import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { type NpmLock, platformLock } from "./platform-lock.ts";

/** A runtime that not everyone needs, as a lock file of npm pins it. */
export interface RuntimePackages {
  /** e.g. `llama`. */
  readonly name: string;
  /** For messages, e.g. `node-llama-cpp 3.22.1`. */
  readonly title: string;
  readonly lock: NpmLock;
  /** The package with what is native for a machine; undefined where there is none. */
  readonly native: (platform: string, architecture: string) => string | undefined;
}

/** Where and how runtimes are installed. */
export interface RuntimePlace {
  /** Shared by every version of Slipway: nothing in it changes once it is there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

const mostMs = 600_000;
const mostOutput = 64 * 1024;

/**
 * The `node_modules` folder of a runtime, installed from the npm registry when it is first needed: exactly what the lock names, no scripts
 * run, and there is all of it or nothing. Throws `unavailable` when it is not there and cannot be had, `unimplemented` for a machine it is not made for.
 */
export async function installRuntime(runtime: RuntimePackages, place: RuntimePlace): Promise<string> {
  const native = runtime.native(process.platform, process.arch);
  if (native === undefined)
    throw new SlipwayError("unimplemented", `${runtime.title} is not made for ${process.platform} on ${process.arch}.`);
  const { manifest, lock } = platformLock(runtime.lock, native);
  const key = createHash("sha256").update(JSON.stringify(lock)).digest("hex").slice(0, 16);
  const folder = join(place.folder, `${runtime.name}-${key}`);
  const modules = join(folder, "node_modules");
  if (existsSync(modules)) return modules;
  const unfinished = join(place.folder, `.${runtime.name}-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    place.log.warn("installing a runtime, once", { runtime: runtime.title });
    await writeFile(join(unfinished, "package.json"), JSON.stringify(manifest));
    await writeFile(join(unfinished, "package-lock.json"), JSON.stringify(lock));
    await npmCi(unfinished, runtime, place.clock);
    await rename(unfinished, folder).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(modules)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return modules;
}

async function npmCi(folder: string, { title }: RuntimePackages, clock: Clock): Promise<void> {
  const args = ["ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"];
  const child = spawn("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-mostOutput);
  });
  const cancel = clock.after(mostMs, () => child.kill("SIGKILL"));
  const problem = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(isMissing(error) ? "there is no npm on the PATH" : error.message));
    child.on("close", (code) => resolve(code === 0 ? undefined : reasonOf(output)));
  });
  cancel();
  if (problem === undefined) return;
  throw new SlipwayError("unavailable", `${title}, which this model runs on, cannot be installed: ${problem}.`, {
    hint: "It is installed once, with npm from the registry that npm is set up for, when a model first needs it. Try again where that can be reached.",
  });
}

function isMissing(error: Error): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}

/** npm's own words, without the place of its log. */
function reasonOf(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim())
    .filter((line) => line !== "" && !/complete log|^code |_logs|^errno |^syscall /.test(line));
  return (lines[0] ?? "npm gave no reason").replace(/\.$/, "").slice(0, 300);
}
