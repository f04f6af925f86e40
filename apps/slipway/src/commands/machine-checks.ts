import { mkdtemp, rmdir, stat, statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Check } from "./check.ts";

/** The oldest Node.js that runs Slipway's sources, by major version. */
const oldestNode = 24;
/** Less free space than this on the home's disk is worth a warning: a bundle, its unpacked copy and logs need it. */
const lowSpace = 1024 ** 3;
/** Less than this, and the database may fail to write. */
const noSpace = 50 * 1024 ** 2;

/** What any program needs of this machine: runtime, home directory, disk. */
export async function machineChecks(home: string): Promise<Check[]> {
  const parent = await nearestExisting(home);
  return [nodeCheck(), machineCheck(), await homeCheck(home, parent), await diskCheck(parent)];
}

function nodeCheck(): Check {
  const found = process.versions.node;
  const name = "Node.js";
  if (Number(found.split(".")[0]) >= oldestNode) return { name, state: "ok", detail: `${found} at ${process.execPath}` };
  return {
    name,
    state: "fail",
    detail: `${found} is too old; ${oldestNode} or later is needed.`,
    hint: "Run `npm ci`: it installs the Node.js that Slipway is tested with.",
  };
}

function machineCheck(): Check {
  const detail = `${process.platform}-${process.arch}, ${availableParallelism()} processors, ${gigabytes(totalmem())} of memory`;
  const name = "machine";
  if (process.platform === "linux" || process.platform === "darwin") return { name, state: "ok", detail };
  return { name, state: "fail", detail: `${detail}: not supported.`, hint: "Use Linux or macOS; on Windows, WSL." };
}

async function homeCheck(home: string, parent: string): Promise<Check> {
  const name = "home";
  try {
    if (!(await stat(parent)).isDirectory())
      return {
        name,
        state: "fail",
        detail: `${parent} is not a directory.`,
        hint: "Choose another with --home or SLIPWAY_HOME.",
      };
    // Tried, not guessed from permissions: quotas, read-only mounts and /proc all differ.
    await rmdir(await mkdtemp(join(parent, ".slipway-doctor-")));
  } catch (caught) {
    const code = (caught as NodeJS.ErrnoException).code ?? "unknown";
    const why = code === "EROFS" ? "is on a read-only file system" : `cannot be written to by this user (${code})`;
    return { name, state: "fail", detail: `${parent} ${why}.`, hint: "Choose another with --home or SLIPWAY_HOME." };
  }
  return { name, state: "ok", detail: parent === home ? `${home} is writable` : `${home} will be made in ${parent}` };
}

async function diskCheck(parent: string): Promise<Check> {
  const { bavail, bsize } = await statfs(parent);
  const free = bavail * bsize;
  const name = "disk";
  const detail = `${gigabytes(free)} free at ${parent}`;
  const hint = "Free some space, or choose a home on another disk with --home or SLIPWAY_HOME.";
  if (free < noSpace) return { name, state: "fail", detail, hint };
  return free < lowSpace ? { name, state: "warn", detail, hint } : { name, state: "ok", detail };
}

async function nearestExisting(path: string): Promise<string> {
  for (let current = path; ; current = dirname(current)) {
    try {
      await stat(current);
      return current;
    } catch {
      if (dirname(current) === current) return current;
    }
  }
}

function gigabytes(bytes: number): string {
  return bytes < 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
