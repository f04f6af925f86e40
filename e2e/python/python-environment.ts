import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../harness/platform.ts";

/** The installer, from the package index as everything else. */
const uvVersion = "0.13.9";

/** Environments and the installer, shared by checkouts; nothing of it is in a checkout. */
const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "python");

const uvFolder = join(cacheFolder, `uv-${uvVersion}`);

/** What Python is run with: compiled files go beside the environments, not into the checkout, and no proxy is asked for loopback. */
export const pythonSettings = { PYTHONPYCACHEPREFIX: join(cacheFolder, "compiled"), NO_PROXY: "*", no_proxy: "*" } as const;

let missing: string | undefined | "unknown" = "unknown";

/** Why no Python environment can be had on this machine, in one sentence; undefined when one can. */
export function pythonMissing(): string | undefined {
  if (missing === "unknown") missing = whatIsMissing();
  return missing;
}

/** The interpreter of an environment with exactly what a lock file names (`uv pip compile --universal --generate-hashes`); installed at its first use. */
export async function pythonEnvironment(lock: string): Promise<string> {
  const key = createHash("sha256").update(readFileSync(lock)).update(process.arch).digest("hex").slice(0, 16);
  const folder = join(cacheFolder, `${basename(lock, ".lock")}-${key}`);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return python;
  const program = uvProgram();
  const unfinished = `${folder}.${process.pid}`;
  await uv(program, "venv", "--quiet", "--relocatable", "--python", "3.11", unfinished);
  await uv(program, "pip", "sync", "--quiet", "--require-hashes", "--python", join(unfinished, "bin", "python"), lock);
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
  const reason = pythonMissing();
  if (reason !== undefined) throw new Error(reason);
  return join(uvFolder, "bin", "uv");
}

function whatIsMissing(): string | undefined {
  const probe = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], { stdio: "ignore" });
  if (probe.status !== 0) return "There is no python3 of at least 3.11 on the PATH.";
  if (existsSync(uvFolder)) return undefined;
  mkdirSync(cacheFolder, { recursive: true });
  const unfinished = `${uvFolder}.${process.pid}`;
  const args = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--target",
    unfinished,
    `uv==${uvVersion}`,
  ];
  const installed = spawnSync("python3", args, { encoding: "utf8" });
  if (installed.status !== 0)
    return `uv ${uvVersion} could not be installed: ${installed.stderr?.trim().split("\n").at(-1) ?? "no pip"}`;
  if (existsSync(uvFolder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, uvFolder);
  return undefined;
}

async function uv(program: string, ...args: string[]): Promise<void> {
  const result = await run(program, args);
  if (result.code !== 0) throw new Error(`uv ${args[0]} failed:\n${result.stderr.slice(-3000)}`);
}
