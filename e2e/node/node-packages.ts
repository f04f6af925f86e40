import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../harness/platform.ts";

const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "node");

/** The `node_modules` of exactly what the lock in a folder names; installed at its first use. Throws npm's reason when it cannot be. */
export async function nodePackages(folder: string): Promise<string> {
  const key = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex")
    .slice(0, 16);
  const kept = join(cacheFolder, `${basename(folder)}-${key}`);
  const modules = join(kept, "node_modules");
  if (existsSync(modules)) return modules;
  const unfinished = `${kept}.${process.pid}`;
  mkdirSync(cacheFolder, { recursive: true });
  cpSync(folder, unfinished, { recursive: true });
  const result = await run("npm", ["ci", "--prefix", unfinished, "--ignore-scripts", "--no-audit", "--no-fund"]);
  if (result.code !== 0) throw new Error(`npm ci failed:\n${result.stderr.slice(-2000)}`);
  try {
    renameSync(unfinished, kept);
  } catch {
    // Another run was faster.
    rmSync(unfinished, { recursive: true });
  }
  return modules;
}
