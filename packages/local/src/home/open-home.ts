import { chmod, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { type HomePaths, homePaths, type RuntimeLocation } from "./home-paths.ts";
import { homeProblem } from "./home-problem.ts";
import { bringToDate, type HomeMigration } from "./home-schema.ts";
import { makeDirectories } from "./make-directories.ts";
import { makeRuntimeDirectory } from "./runtime-directory.ts";

/** Where sockets go, and which migrations there are (for tests; default: all of the product's). */
export interface OpenHomeOptions extends RuntimeLocation {
  readonly migrations?: readonly HomeMigration[];
}

/** Opens the home in `directory`, making it (mode 0700) when it is new and migrating it when it is old. Every failure is one clear sentence with the way out. */
export async function openHome(directory: string, options: OpenHomeOptions = {}): Promise<HomePaths> {
  const wanted = resolve(directory);
  let paths: HomePaths;
  try {
    await makeDirectories(wanted);
    // Two names of one directory must be one home, with one lock and one set of sockets.
    const real = await realpath(wanted);
    if (((await stat(real)).mode & 0o077) !== 0) await chmod(real, 0o700);
    paths = homePaths(real, await usable(options));
    await bringToDate(paths, options.migrations);
    for (const part of [paths.tls, paths.bundles, paths.logs]) await makeDirectories(part);
  } catch (error) {
    throw homeProblem(error, wanted);
  }
  await makeRuntimeDirectory(paths);
  return paths;
}

/** The paths of the home in `directory`, which may not exist yet; makes and changes nothing. */
export async function locateHome(directory: string, options: RuntimeLocation = {}): Promise<HomePaths> {
  const wanted = resolve(directory);
  return homePaths(await realpath(wanted).catch(() => wanted), await usable(options));
}

/** `XDG_RUNTIME_DIR` may name a directory that is gone (after `su`, in cron): then `/tmp` is used. */
async function usable(options: RuntimeLocation): Promise<RuntimeLocation> {
  const { runtimeParent, uid } = options;
  const location = uid === undefined ? {} : { uid };
  if (runtimeParent === undefined || runtimeParent === "") return location;
  const found = await stat(runtimeParent).catch(() => undefined);
  return found?.isDirectory() === true ? { ...location, runtimeParent } : location;
}
