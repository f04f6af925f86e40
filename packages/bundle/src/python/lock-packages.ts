import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "@slipway/base";
import { openUv, uvVersion } from "./open-uv.ts";
import type { Dependencies, DependencyTexts } from "./read-dependencies.ts";
import { type PythonPlatform, pythonPlatforms } from "./target-platform.ts";
import { uvFailure } from "./uv-failure.ts";

const run = promisify(execFile);

/** What the worker itself needs: tensors are NumPy's arrays. */
const workerNeeds = ["numpy"];

/** What packages are locked for. */
export interface LockOptions {
  readonly dependencies: Dependencies;
  readonly texts: DependencyTexts;
  /** More packages, which a handler of ours needs. */
  readonly more: readonly string[];
  /** The minor version of Python, e.g. `3.11`. */
  readonly python: string;
  readonly platform: PythonPlatform;
  readonly cache: string;
  /** An empty folder of its own. */
  readonly work: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Every package with its version and hashes, one a line and sorted, as pip and uv take them. The same input is resolved once on a machine: what is kept
 * in the cache is taken again, so that nothing moves under a model that did not change. Throws `invalid` with uv's reason, shortened.
 */
export async function lockPackages(options: LockOptions): Promise<string> {
  const { dependencies, more, python, platform, cache } = options;
  // Hashes that the model brings are not replaced by those that the index has today.
  if (dependencies.kind === "requirements" && dependencies.text.includes("--hash=")) return ownLock(dependencies, more);
  const asked = JSON.stringify([
    uvVersion,
    python,
    platform,
    more,
    workerNeeds,
    dependencies,
    options.texts.get("pyproject.toml"),
  ]);
  const kept = join(cache, "locks", `${createHash("sha256").update(asked).digest("hex")}.txt`);
  const known = await readFile(kept, "utf8").catch(() => undefined);
  if (known !== undefined) return known;
  const lock = await resolve(options);
  await mkdir(join(cache, "locks"), { recursive: true });
  const draft = `${kept}.${process.pid}`;
  await writeFile(draft, lock);
  await rename(draft, kept);
  return lock;
}

/** The model's own lock, in the form of ours. Throws `invalid` when something is missing in it. */
function ownLock({ file, text }: Dependencies, more: readonly string[]): string {
  const lines = text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) =>
      line
        .replace(/(^|\s)#.*$/, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "");
  const names = lines.map((line) => /^[A-Za-z0-9._-]*/.exec(line)![0].toLowerCase().replaceAll(/[._]/g, "-"));
  const missing = [...workerNeeds, ...more].filter((name) => !names.includes(name));
  const bare = lines.find((line) => !line.includes("--hash="));
  if (missing.length === 0 && bare === undefined) return `${lines.sort().join("\n")}\n`;
  const what =
    bare === undefined
      ? `it has hashes, so it must name everything, and lacks ${missing.join(", ")}`
      : `${JSON.stringify(bare)} has no hash, and others have one`;
  throw new SlipwayError("invalid", `The model's Python packages cannot be locked: ${file}: ${what}.`, {
    hint: "Make it with `uv pip compile --generate-hashes`, or leave the hashes out.",
  });
}

async function resolve({ dependencies, texts, more, python, platform, cache, work, signal }: LockOptions): Promise<string> {
  const uv = await openUv(cache);
  const common = ["--quiet", "--no-config", "--no-header", "--no-annotate", "--color", "never"];
  const call = async (args: readonly string[]) => {
    try {
      return (await run(uv, [...args], { cwd: work, maxBuffer: 64 * 2 ** 20, ...(signal && { signal }) })).stdout;
    } catch (caught) {
      signal?.throwIfAborted();
      throw uvFailure("locked", (caught as { stderr?: string }).stderr ?? String(caught), dependencies);
    }
  };
  const inputs: string[] = [];
  const input = async (name: string, text: string) => {
    await writeFile(join(work, name), text);
    inputs.push(name);
  };
  if (dependencies.kind === "lock") {
    for (const name of ["pyproject.toml", "uv.lock"]) await writeFile(join(work, name), texts.get(name)!);
    const plain = ["--frozen", "--no-emit-project", "--no-dev", "--format", "requirements.txt", "--python", python];
    await input("exported.txt", await call(["export", ...common, ...plain]));
  } else if (dependencies.kind === "project") await input("pyproject.toml", dependencies.text);
  else await input("requirements.txt", dependencies.text);
  await input("more.in", [...workerNeeds, ...more].join("\n"));
  const target = ["--python-version", python, "--python-platform", pythonPlatforms[platform]];
  const lock = await call(["pip", "compile", ...common, ...target, "--generate-hashes", "--only-binary", ":all:", ...inputs]);
  return `${lock.replace(/\s*\\\n\s*/g, " ").trim()}\n`;
}
