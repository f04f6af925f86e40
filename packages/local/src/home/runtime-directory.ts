import { lstat, mkdir, readdir, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { HomePaths } from "./home-paths.ts";
import { replicaPaths } from "./replica-paths.ts";

/** The longest path of a Unix socket, in bytes: `sun_path` has 108 with its final NUL on Linux, and 104 on macOS. */
export const longestSocketPath = process.platform === "darwin" ? 103 : 107;

/** Makes the runtime directory of a home: mode 0700, ours, no link on the way, short enough for every socket in it. */
export async function makeRuntimeDirectory(paths: HomePaths): Promise<void> {
  for (const socket of [paths.supervisorSocket, paths.routesSocket, replicaPaths(paths, "namespace", "name").socket]) {
    const length = Buffer.byteLength(socket);
    if (length <= longestSocketPath) continue;
    throw new SlipwayError("invalid", `The socket path ${socket} has ${length} bytes; this system allows ${longestSocketPath}.`, {
      hint: "Set XDG_RUNTIME_DIR to a shorter directory, or unset it to use /tmp.",
    });
  }
  // The parent is shared by all homes of this user, so it is checked as strictly.
  for (const directory of [dirname(paths.runtime), paths.runtime]) await makePrivate(directory);
}

async function makePrivate(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EEXIST") {
      throw new SlipwayError("invalid", `The directory for sockets, ${directory}, cannot be made (${code}).`, {
        hint: "Set XDG_RUNTIME_DIR to a directory that exists and that your user may write to.",
        cause: error,
      });
    }
  }
  // lstat: somebody else may have put a link there, /tmp is open to all.
  const found = await lstat(directory);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new SlipwayError(
    "forbidden",
    `The directory for sockets, ${directory}, must be a directory of your own that nobody else can enter (mode 0700).`,
    { hint: `Remove it (\`rm -r ${directory}\`), or set XDG_RUNTIME_DIR to another directory.` },
  );
}

/** Removes what an ended platform left in the runtime directory, except the paths in `keep` and sockets that somebody answers on. Only for the holder of the home's lock. */
export async function sweepRuntimeDirectory(paths: HomePaths, keep: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(paths.runtime)) {
    const path = join(paths.runtime, name);
    if (keep.has(path) || (await answers(path))) continue;
    await rm(path, { force: true, recursive: true });
  }
}

async function answers(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
