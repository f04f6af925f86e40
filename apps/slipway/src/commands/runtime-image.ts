import { join, resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import {
  type Architecture,
  allArchitectures,
  composeRelease,
  debianFiles,
  demandRunnable,
  type Image,
  parseReference,
  type RegistryClient,
  type Release,
  type RuntimeBase,
  readRelease,
  registrySource,
  runtimeImage,
  writeLayoutDirectory,
} from "@slipway/bundle";
import { type Command, Option } from "commander";
import { cacheFolder } from "../image/cache-folder.ts";
import { PushTarget } from "../image/push-target.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { runtimeParts, withPackage } from "../image/runtime-parts.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag } from "./flags.ts";

interface RuntimeImageFlags extends RegistryFlags {
  readonly base: string;
  readonly architecture?: Architecture[];
  readonly to?: string;
  readonly layout?: string;
  readonly output: "text" | "json";
}

/** The libraries that Node.js and ONNX Runtime need, and what those need. */
const packages = ["libc6", "libgcc-s1", "libstdc++6", "libatomic1"];

/** `slipway runtime-image`. */
export function addRuntimeImage(program: Command, context: CliContext): void {
  const command = program
    .command("runtime-image")
    .summary("make the image that operator, gateway and replicas run")
    .description(
      "Makes the runtime image of this version without a daemon: a few system libraries, Node.js, ONNX Runtime and Slipway itself. The libraries " +
        "come from Debian packages, as this machine's apt gets them, or are an image's. Every program and library in it is checked for its " +
        "architecture and for the libraries it needs; nothing is run. One image for each architecture, and an index over them.",
    )
    .option("--to <repository>", "push to this repository (REGISTRY/NAME), or under a tag (REGISTRY/NAME:TAG)")
    .option("--layout <dir>", "write an OCI image layout to this new directory")
    .option("--base <image>", "`debian` for its packages, or the image whose layers lie below", "debian")
    .addOption(
      new Option("--architecture <name>", "only for this one; may be repeated")
        .choices([...allArchitectures])
        .argParser((value: string, all: string[] | undefined) => [...(all ?? []), architecture(value)]),
    )
    .action(async (flags: RuntimeImageFlags) => make(context, flags));
  outputFlag(registryFlags(command), ["text", "json"]);
  examples(command, [
    ["slipway runtime-image --to registry.example.org/slipway/runtime:0.1.0", "push it for both architectures"],
    [
      "slipway runtime-image --base registry.example.org/base/debian:12 --to registry.example.org/slipway/runtime",
      "build on an image with glibc, libstdc++ and libatomic",
    ],
  ]);
}

function architecture(value: string): Architecture {
  const found = allArchitectures.find((name) => name === value);
  if (found !== undefined) return found;
  throw new SlipwayError("usage", `${JSON.stringify(value.slice(0, 80))} is not an architecture that images are made for.`, {
    hint: `Expected ${allArchitectures.join(" or ")}.`,
  });
}

async function make(context: CliContext, flags: RuntimeImageFlags): Promise<void> {
  if ((flags.to === undefined) === (flags.layout === undefined))
    throw new SlipwayError("usage", "Say where the image goes: either --to REPOSITORY or --layout DIR.");
  const wanted = flags.architecture ?? allArchitectures;
  const to = flags.to === undefined ? undefined : new PushTarget(flags.to);
  await withRegistry(context, flags, async (client) => {
    const release = await withPackage(context.signal, async (folder) =>
      composeRelease(await images(context, client, wanted, flags.base, folder)),
    );
    context.stdout.write(result(await deliver(context, client, release, flags.layout, to), release, flags.output));
  });
}

async function images(
  context: CliContext,
  client: RegistryClient,
  wanted: readonly Architecture[],
  base: string,
  folder: string,
): Promise<Image[]> {
  const cache = cacheFolder(context);
  const { signal } = context;
  const from = base === "debian" ? undefined : await readRelease(registrySource(client, parseReference(base), signal));
  const made: Image[] = [];
  for (const name of wanted) {
    const below: RuntimeBase =
      from === undefined
        ? await debianFiles({ architecture: name, packages, cache: join(cache, "debian"), signal })
        : baseFor(from, name, base);
    const parts = await runtimeParts(name, { package: folder, cache, signal });
    const runtime = await runtimeImage(name, below, parts);
    demandRunnable(runtime);
    const size = runtime.image.blobs.reduce((sum, blob) => sum + blob.size, 0);
    context.stderr.write(
      `${name}: ${Math.round(size / 1e6)} MB, ${runtime.checked} programs and libraries checked file by file, not run here\n`,
    );
    made.push(runtime.image);
  }
  return made;
}

function baseFor(release: Release, name: Architecture, base: string): Image {
  const found = release.images.find((image) => image.architecture === name);
  if (found !== undefined) return found;
  throw new SlipwayError("invalid", `The base ${base} has no image for ${name}.`, {
    hint: "Use another base, or make the image for fewer architectures with --architecture.",
  });
}

async function deliver(
  context: CliContext,
  client: RegistryClient,
  release: Release,
  layout: string | undefined,
  to: PushTarget | undefined,
): Promise<string> {
  const { signal } = context;
  if (to === undefined) {
    await writeLayoutDirectory(resolve(context.cwd, layout!), [release], signal);
    return release.document.digest;
  }
  return to.pushRelease(release, { client, signal, say: (line) => context.stderr.write(line) });
}

function result(image: string, release: Release, format: RuntimeImageFlags["output"]): string {
  if (format === "text") return `${image}\n`;
  return json({
    image,
    architectures: release.images.map((each) => ({ architecture: each.architecture, digest: each.document.digest })),
  });
}
