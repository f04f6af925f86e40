import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "@slipway/base";
import { type Architecture, architectures, type RuntimeParts, unpackNpmPackage } from "@slipway/bundle";

const require = createRequire(import.meta.url);

/** Runs `work` with where the published package lies: this very installation, or, in a checkout, a package built for the occasion. */
export async function withPackage<T>(signal: AbortSignal, work: (folder: string) => Promise<T>): Promise<T> {
  if (existsSync(join(import.meta.dirname, "main.js"))) return await work(dirname(import.meta.dirname));
  const root = join(import.meta.dirname, "..", "..", "..", "..");
  const folder = await mkdtemp(join(tmpdir(), "slipway-package-"));
  try {
    await run(process.execPath, [join(root, "scripts", "build.ts"), folder], root, signal);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a runtime image of an architecture is made of. A Node.js for another architecture is fetched with npm, once, into `cache`. */
export async function runtimeParts(
  architecture: Architecture,
  options: { readonly package: string; readonly cache: string; readonly signal: AbortSignal },
): Promise<RuntimeParts> {
  const { version, optionalDependencies } = JSON.parse(await readFile(join(options.package, "package.json"), "utf8")) as {
    version: string;
    optionalDependencies: Record<string, string>;
  };
  const onnxruntime = moduleFolder("onnxruntime-node", require);
  const nodeName = `node-linux-${architectures[architecture].node}`;
  const node = await nodeFolder(nodeName, optionalDependencies[nodeName]!, options);
  return {
    node: join(node, "bin", "node"),
    nodeLicence: await readFile(join(node, "LICENSE"), "utf8"),
    package: options.package,
    modules: {
      "onnxruntime-node": onnxruntime,
      "onnxruntime-common": moduleFolder("onnxruntime-common", createRequire(join(onnxruntime, "package.json"))),
    },
    version,
  };
}

/** The folder of an installed package: the one above its entry that bears its name. */
function moduleFolder(name: string, from: NodeJS.Require): string {
  for (let folder = dirname(from.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && (require(manifest) as { name?: string }).name === name) return folder;
  }
  throw new SlipwayError("internal", `The library ${name} is not installed where Slipway expects it.`);
}

async function nodeFolder(
  name: string,
  version: string,
  { cache, signal }: { cache: string; signal: AbortSignal },
): Promise<string> {
  try {
    const installed = dirname(require.resolve(`${name}/package.json`));
    if ((require(join(installed, "package.json")) as { version: string }).version === version) return installed;
  } catch {
    // npm installs only the one of this machine.
  }
  const folder = join(cache, "node", `${name}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await run("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", draft], draft, signal);
    await unpackNpmPackage(draft, folder, (path) => path === "LICENSE" || path === "bin/node");
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

async function run(program: string, args: readonly string[], cwd: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(program, [...args], { cwd, signal, maxBuffer: 2 ** 24 });
  } catch (caught) {
    signal.throwIfAborted();
    const said =
      String((caught as { stderr?: unknown }).stderr ?? "")
        .trim()
        .split("\n")
        .at(-1) ?? "";
    throw new SlipwayError("unavailable", `${program} failed: ${said.slice(0, 300) || (caught as Error).message}.`, {
      hint:
        program === "npm"
          ? "A Node.js for another architecture comes from npm: see whether `npm ping` works."
          : "Run `npm ci` and try again.",
      cause: caught,
    });
  }
}
