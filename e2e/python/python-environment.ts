import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { openUv } from "@slipway/bundle";
import { run } from "../harness/platform.ts";

/** Environments and the installer, shared by checkouts and with `slipway build`; nothing of it is in a checkout. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "python");

/** What Python is run with: compiled files go beside the environments, not into the checkout, and no proxy is asked for loopback. */
export const pythonSettings = { PYTHONPYCACHEPREFIX: join(cacheFolder, "compiled"), NO_PROXY: "*", no_proxy: "*" } as const;

const uv = await findUv();

/** Why no Python environment can be had on this machine, in one sentence; undefined when one can. */
export function pythonMissing(): string | undefined {
  return typeof uv === "string" ? undefined : uv.missing;
}

/** The interpreter of an environment with exactly what a lock file names (`uv pip compile --universal --generate-hashes`); installed at its first use. */
export async function pythonEnvironment(lock: string): Promise<string> {
  const key = createHash("sha256").update(readFileSync(lock)).update(process.arch).digest("hex").slice(0, 16);
  const folder = join(cacheFolder, `${basename(lock, ".lock")}-${key}`);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return python;
  const program = uvProgram();
  const unfinished = `${folder}.${process.pid}`;
  await runUv(program, "venv", "--quiet", "--relocatable", "--python", "3.11", unfinished);
  await runUv(program, "pip", "sync", "--quiet", "--require-hashes", "--python", join(unfinished, "bin", "python"), lock);
  try {
    renameSync(unfinished, folder);
  } catch {
    // Another run was faster.
    rmSync(unfinished, { recursive: true });
  }
  return python;
}

/** The installer, for whoever writes a lock file. Throws when it cannot be had. */
export function uvProgram(): string {
  if (typeof uv !== "string") throw new Error(uv.missing);
  return uv;
}

/** The installer that building a Python model uses too, or why it cannot be had. */
async function findUv(): Promise<string | { readonly missing: string }> {
  const probe = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], { stdio: "ignore" });
  if (probe.status !== 0) return { missing: "There is no python3 of at least 3.11 on the PATH." };
  return openUv(cacheFolder).catch((error: Error) => ({ missing: error.message }));
}

async function runUv(program: string, ...args: string[]): Promise<void> {
  const result = await run(program, args);
  if (result.code !== 0) throw new Error(`uv ${args[0]} failed:\n${result.stderr.slice(-3000)}`);
}
