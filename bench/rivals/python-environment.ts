import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../load/cache-folder.ts";

const execute = promisify(execFile);

/** The Python that the lock files are for. */
export const pythonVersion = "3.11";

/** The committed lock file of one environment: `name==version --hash=…`, a line each. */
export function lockFile(name: string): string {
  return join(import.meta.dirname, "locks", `${name}.txt`);
}

/** The version that a lock file names for a package; undefined when it has none. */
export function lockedVersion(name: string, distribution: string): string | undefined {
  return new RegExp(`^${distribution}==(\\S+)`, "m").exec(readFileSync(lockFile(name), "utf8"))?.[1];
}

/** The path of `uv`, installed by `pip` on the first call. Throws one sentence when that cannot be done. */
export async function ensureUv(): Promise<string> {
  const folder = placeOf("uv");
  await once(folder, "uv", () =>
    run("python3", [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore"],
      ...["--target", folder, "--require-hashes", "--only-binary", ":all:", "-r", lockFile("uv")],
    ]),
  );
  return join(folder, "bin", "uv");
}

/** The folder of a virtual environment that has exactly what `locks/NAME.txt` names; made on the first call. Throws one sentence when that cannot be done. */
export async function ensureEnvironment(name: string): Promise<string> {
  const folder = placeOf(name);
  await once(folder, name, async () => {
    const uv = await ensureUv();
    await run(uv, ["venv", "--quiet", "--no-config", "--python", pythonVersion, folder]);
    await run(uv, [
      ...["pip", "install", "--quiet", "--no-config", "--python", join(folder, "bin", "python")],
      ...["--require-hashes", "--no-build", "-r", lockFile(name)],
    ]);
  });
  return folder;
}

function placeOf(name: string): string {
  const hash = createHash("sha256")
    .update(readFileSync(lockFile(name)))
    .digest("hex")
    .slice(0, 12);
  return cacheFolder("rivals", `${name}-${hash}`);
}

/** A stamp written last tells a complete folder from one whose making was interrupted. */
async function once(folder: string, name: string, make: () => Promise<void>): Promise<void> {
  const stamp = join(folder, "complete");
  if (existsSync(stamp)) return;
  console.error(`Installing ${name} into ${folder} (once)…`);
  rmSync(folder, { recursive: true, force: true });
  await make();
  writeFileSync(stamp, "");
}

async function run(program: string, args: readonly string[]): Promise<void> {
  try {
    await execute(program, args, { maxBuffer: 16 * 1024 * 1024 });
  } catch (caught) {
    const { stderr, message } = caught as { stderr?: string; message: string };
    const lines = (stderr || message).trim().split("\n");
    throw new Error(`${program.split("/").at(-1)}: ${lines.slice(-3).join(" ").slice(0, 300)}`);
  }
}
