import { execFile } from "node:child_process";
import type { SourceFacts } from "@slipway/bundle";

/** Git is asked for no longer than this, milliseconds; a large repository on a slow disk is no reason to wait. */
const longestMs = 5_000;

/** Where a directory's content comes from, as git knows; undefined outside a repository, or without git. */
export async function sourceFacts(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SourceFacts | undefined> {
  const git = (...words: string[]) => ask(directory, env, words);
  const where = await git("rev-parse", "HEAD", "--show-prefix");
  const [commit = "", prefix = ""] = where?.split("\n") ?? [];
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  const [changes, remote] = await Promise.all([
    git("status", "--porcelain", "--untracked-files=normal", "--", "."),
    git("config", "--get", "remote.origin.url"),
  ]);
  const repository = remote === undefined ? undefined : withoutCredentials(remote.trim());
  return {
    commit,
    modified: changes === undefined || changes.trim() !== "",
    path: prefix.replace(/\/$/, "") || ".",
    ...(repository === undefined ? {} : { repository }),
  };
}

/** The address of a repository as others may read it; undefined for a path of this machine. */
function withoutCredentials(remote: string): string | undefined {
  const scp = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(remote);
  if (scp !== null && !remote.includes("://")) return `ssh://${scp[1]}/${scp[2]}`;
  if (!URL.canParse(remote)) return undefined;
  const url = new URL(remote);
  if (url.protocol === "file:") return undefined;
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href;
}

function ask(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
  words: readonly string[],
): Promise<string | undefined> {
  // The repository may be somebody else's: nothing that its configuration names is run.
  const safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C", directory];
  const options = { env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" }, timeout: longestMs };
  return new Promise((resolve) => {
    execFile("git", [...safe, ...words], options, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
}
