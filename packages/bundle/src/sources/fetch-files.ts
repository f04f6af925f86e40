import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { BundleLimits } from "../build/bundle-limits.ts";
import type { Progress } from "../image/push-release.ts";
import { makeFolder } from "../layout/make-folder.ts";
import { pathProblem } from "../manifest/file-path.ts";
import type { RemoteFile, RemoteModel } from "./remote-files.ts";

const atOnce = 4;

/** How {@link fetchFiles} works. */
export interface FetchSettings {
  readonly limits: BundleLimits;
  readonly signal: AbortSignal;
  readonly progress?: Progress | undefined;
}

/**
 * Writes a model's files into an empty directory, some at once. What is more, longer or elsewhere than the limits allow is refused before or while
 * it comes: whoever serves it is not believed.
 */
export async function fetchFiles(directory: string, { files, address }: RemoteModel, settings: FetchSettings): Promise<void> {
  const { limits, signal, progress } = settings;
  const tooLarge = (what: string) => new SlipwayError("tooLarge", `${address} is too large: ${what}.`);
  if (files.length > limits.files) throw tooLarge(`there are more than ${limits.files} files`);
  const known = files.reduce((sum, { size = 0 }) => sum + size, 0);
  if (!(known <= limits.totalBytes)) throw tooLarge(`its files have more than ${limits.totalBytes} bytes`);
  const seen = new Set<string>();
  for (const { path } of files) {
    const problem = pathProblem(path) ?? (seen.has(path.toLowerCase()) ? "is there twice" : undefined);
    if (problem !== undefined)
      throw new SlipwayError("invalid", `${address} has a file whose name ${problem}: ${JSON.stringify(path.slice(0, 200))}.`);
    seen.add(path.toLowerCase());
  }
  let moved = 0;
  const count = (bytes: number) => {
    moved += bytes;
    if (moved > limits.totalBytes) throw tooLarge(`its files have more than ${limits.totalBytes} bytes`);
    progress?.({ bytes: moved, of: Math.max(known, moved) });
  };
  const failed = new AbortController();
  const both = AbortSignal.any([failed.signal, signal]);
  const queue = [...files];
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      try {
        await fetchFile(directory, file, limits.fileBytes, both, count);
      } catch (caught) {
        queue.length = 0;
        failed.abort();
        throw caught;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(atOnce, files.length) }, work));
  const reasons = results.flatMap((each) => (each.status === "rejected" ? [each.reason as { code?: unknown }] : []));
  if (reasons.length > 0) throw reasons.find(({ code }) => code !== "cancelled") ?? reasons[0];
}

async function fetchFile(
  directory: string,
  { path, size, digest, open: bytesFrom }: RemoteFile,
  limit: number,
  signal: AbortSignal,
  count: (bytes: number) => void,
): Promise<void> {
  const target = join(directory, path);
  await makeFolder(dirname(target));
  const handle = await open(target, "wx", 0o600);
  const hash = createHash("sha256");
  let at = 0;
  try {
    for await (const chunk of bytesFrom(0, signal)) {
      if (at + chunk.length > (size ?? limit))
        throw new SlipwayError("tooLarge", `${path} has more than the ${size ?? limit} bytes it may have.`);
      if (digest !== undefined) hash.update(chunk);
      for (let done = 0; done < chunk.length; )
        done += (await handle.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      at += chunk.length;
      count(chunk.length);
    }
  } finally {
    await handle.close();
  }
  if (size !== undefined && at !== size)
    throw new SlipwayError("invalid", `${path} ended after ${at} of ${size} bytes.`, { hint: "Try again." });
  if (digest !== undefined && `sha256:${hash.digest("hex")}` !== digest)
    throw new SlipwayError("invalid", `The bytes that came for ${path} are not those that were promised.`, {
      hint: "Try again.",
    });
}
