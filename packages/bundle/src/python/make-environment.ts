import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { openUv, uvVersion } from "./open-uv.ts";
import type { Dependencies } from "./read-dependencies.ts";
import { type PythonPlatform, pythonPlatforms } from "./target-platform.ts";
import { uvFailure } from "./uv-failure.ts";

const run = promisify(execFile);

/** Moves on when what is taken away from an installation, or how, changes. */
const tidyVersion = 1;

/** What an environment is made of. */
export interface EnvironmentOptions {
  readonly lock: string;
  readonly dependencies: Dependencies;
  readonly python: string;
  readonly platform: PythonPlatform;
  readonly executable: string;
  readonly cache: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A folder with `lock.txt` and `site/`, the installed packages: made once for each lock, Python and platform, then never changed, and shared. Its
 * files are the same wherever it is made: no compiled files, no scripts with the path of an interpreter. Throws as `lockPackages`.
 */
export async function makeEnvironment(options: EnvironmentOptions): Promise<string> {
  const { lock, python, platform, executable, cache, signal } = options;
  const identity = JSON.stringify([uvVersion, tidyVersion, lock, python, platform]);
  const folder = join(cache, "environments", createHash("sha256").update(identity).digest("hex"));
  if (await isThere(folder)) return folder;
  const uv = await openUv(cache);
  await mkdir(join(cache, "environments"), { recursive: true });
  const draft = await mkdtemp(`${folder}.`);
  try {
    const file = join(draft, "lock.txt");
    await writeFile(file, lock);
    const target = ["--python", executable, "--python-version", python, "--python-platform", pythonPlatforms[platform]];
    const strict = ["--require-hashes", "--no-deps", "--no-build", "--link-mode", "copy"];
    const args = ["pip", "install", "--quiet", "--no-config", "--color", "never", ...target, ...strict];
    await run(uv, [...args, "--target", join(draft, "site"), "-r", file], {
      maxBuffer: 64 * 2 ** 20,
      ...(signal && { signal }),
    }).catch((caught: { stderr?: string }) => {
      signal?.throwIfAborted();
      throw uvFailure("installed", caught.stderr ?? String(caught), options.dependencies);
    });
    await tidy(join(draft, "site"));
    await rename(draft, folder).catch(async (caught) => {
      // Another process may have been faster; what it put there is the same.
      if (!(await isThere(folder))) throw caught;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Takes away what differs from one installation to the next. */
async function tidy(site: string): Promise<void> {
  await rm(join(site, "bin"), { recursive: true, force: true });
  await rm(join(site, ".lock"), { force: true });
  const visit = async (folder: string): Promise<void> => {
    for (const name of await readdir(folder)) {
      const location = join(folder, name);
      const isFolder = (await lstat(location)).isDirectory();
      if (name === "__pycache__" || name.endsWith(".pyc")) await rm(location, { recursive: true, force: true });
      else if (isFolder) await visit(location);
      else if (name === "RECORD" && basename(folder).endsWith(".dist-info")) await tidyRecord(location);
      else if ((name === "direct_url.json" || name === "uv_cache.json") && basename(folder).endsWith(".dist-info"))
        await rm(location, { force: true });
    }
  };
  await visit(site);
}

/** The list of an installation's files, without those that were taken away, in a fixed order. */
async function tidyRecord(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const gone = /^("?)(\.\.\/|bin\/|.*__pycache__\/|.*\.pyc,|.*\.dist-info\/(direct_url|uv_cache)\.json)/;
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "" && !gone.test(line));
  await writeFile(path, `${lines.sort().join("\n")}\n`);
  await utimes(path, atime, mtime);
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
