import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "@slipway/base";

/** A Python interpreter of this machine. */
export interface Interpreter {
  readonly executable: string;
  /** As `3.11.7`. */
  readonly version: string;
}

const probe =
  "import json,sys,sysconfig;print(json.dumps([sys.executable,'%d.%d.%d'%sys.version_info[:3],sys.implementation.name,bool(sysconfig.get_config_var('Py_GIL_DISABLED'))]))";

/** Where image layers of ours, uv and pyenv put interpreters, beside the PATH. */
async function installed(minor: string): Promise<string[]> {
  const found = [`/usr/bin/python${minor}`, `/usr/local/bin/python${minor}`];
  for (const [folder, prefix] of [
    [join(homedir(), ".local", "share", "uv", "python"), "cpython-"],
    [join(homedir(), ".pyenv", "versions"), ""],
  ] as const) {
    const names = await readdir(folder).catch(() => []);
    const fitting = names.filter((name) => name.startsWith(`${prefix}${minor}.`) && !name.includes("+"));
    found.push(...fitting.sort().map((name) => join(folder, name, "bin", `python${minor}`)));
  }
  return found;
}

async function look(candidate: string): Promise<Interpreter | undefined> {
  // Loaded here: whoever only names this module runs nothing.
  const { execFile } = await import("node:child_process");
  try {
    const { stdout } = await promisify(execFile)(candidate, ["-I", "-S", "-c", probe], { timeout: 20_000 });
    const [executable, version, implementation, freeThreaded] = JSON.parse(stdout) as [string, string, string, boolean];
    return implementation === "cpython" && !freeThreaded ? { executable, version } : undefined;
  } catch {
    return undefined;
  }
}

/** `3.11` of `3.11.7`. */
export function minorOf(version: string): string {
  return version.split(".", 2).join(".");
}

/** The interpreter that `python3` on the PATH is; undefined when there is none. */
export function usualPython(): Promise<Interpreter | undefined> {
  return look("python3");
}

/**
 * A CPython of a minor version such as `3.11`: on the PATH, or where uv and pyenv put them. An environment fits a minor version, so any of its
 * releases will do. Throws `invalid` with what was found instead, and how to get it.
 */
export async function findPython(minor: string): Promise<Interpreter> {
  for (const candidate of [`python${minor}`, "python3", ...(await installed(minor))]) {
    const found = await look(candidate);
    if (found !== undefined && minorOf(found.version) === minor) return found;
  }
  const usual = await usualPython();
  const instead = usual === undefined ? "there is no python3 at all" : `python3 is ${usual.version}`;
  throw new SlipwayError("invalid", `The model needs Python ${minor}, which is not on this machine: ${instead}.`, {
    hint: `Install it with \`uv python install ${minor}\` or your system's package python${minor}.`,
  });
}
