import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import { modelImage, type Release, writeLayoutDirectory } from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { bundleOf, publishModelImages, readRuntime, runtimeReference } from "../image/publish-model-images.ts";
import { PushTarget } from "../image/push-target.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { transfer } from "../image/transfer.ts";
import { buildSources } from "../manifest/build-sources.ts";
import { digestForm } from "../manifest/digest-form.ts";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import { json } from "../output/json.ts";
import { carryKnown } from "../trust/carry-known.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface ImageFlags extends HomeFlags, RegistryFlags {
  readonly filename?: string[];
  readonly runtime?: string;
  readonly to?: string;
  readonly layout?: string;
  readonly output: "text" | "json" | "yaml";
}

/** `slipway image`. */
export function addImage(program: Command, context: CliContext): void {
  const command = program
    .command("image")
    .summary("make the image that runs a model in a cluster")
    .description(
      "Makes an image without a daemon: the layers of the runtime image and the bundle's own. Takes a bundle of this home, or, with -f, builds " +
        "what a manifest names; pushes the image with --to, or writes an OCI image layout with --layout. Prints the image by digest; with " +
        "-f and -o yaml, the manifest as a cluster takes it. The same runtime and bundle always give the same digest.",
    )
    .argument("[bundle]", "digest or name of a bundle in this home")
    .option("--to <repository>", "push to this repository (REGISTRY/NAME), or under a tag (REGISTRY/NAME:TAG)")
    .option("--layout <dir>", "write an OCI image layout to this new directory")
    .option("--runtime <image>", "runtime image to build on (default: $SLIPWAY_RUNTIME_IMAGE)")
    .action(async (bundle: string | undefined, flags: ImageFlags) => image(context, bundle, flags));
  outputFlag(homeFlag(registryFlags(filenameFlag(command, false))), ["text", "json", "yaml"]);
  examples(command, [
    ["slipway image digits --to registry.example.org/team/digits", "push the image of a bundle and print it by digest"],
    ["slipway image -f model.yaml --to registry.example.org/team/digits -o yaml | kubectl apply -f -", "build, push and apply"],
    ["slipway image digits --layout ./digits-image", "write the image to a directory"],
  ]);
}

async function image(context: CliContext, bundle: string | undefined, flags: ImageFlags): Promise<void> {
  if ((bundle === undefined) === (flags.filename === undefined))
    throw new SlipwayError("usage", "Name either a bundle or, with -f, a manifest.", { hint: "See `slipway image --help`." });
  if ((flags.to === undefined) === (flags.layout === undefined))
    throw new SlipwayError("usage", "Say where the image goes: either --to REPOSITORY or --layout DIR.");
  if (flags.output === "yaml" && (flags.filename === undefined || flags.to === undefined))
    throw new SlipwayError("usage", "-o yaml prints a manifest with its image, so it goes with -f and --to.");
  const to = flags.to === undefined ? undefined : new PushTarget(flags.to);
  const runtime = runtimeReference(context, flags.runtime);
  const store = await openBundles(context, resolveHome(context, flags.home));
  const { signal, say, progress } = transfer(context, "pushing");
  await withRegistry(context, flags, async (client) => {
    if (flags.filename !== undefined && flags.to !== undefined) {
      const manifests = validateManifests(await readManifests(context, flags.filename));
      const built = await carryKnown(await buildSources(context, manifests, store), store);
      const published = await publishModelImages(built, {
        client,
        store,
        to: flags.to,
        runtime,
        signal,
        say,
      });
      if (flags.output === "yaml") return context.stdout.write(digestForm(published, "yaml"));
      const images = published.flatMap(({ source }) =>
        source?.image === undefined ? [] : [{ bundle: source.bundle, image: source.image }],
      );
      return context.stdout.write(flags.output === "json" ? json({ images }) : images.map((each) => `${each.image}\n`).join(""));
    }
    const digests = bundle === undefined ? await manifestBundles() : [await findStoredBundle(store, bundle)];
    const base = await readRuntime(client, runtime, signal);
    const releases: Release[] = [];
    for (const digest of digests) releases.push(modelImage(base, await store.blobs(digest)));
    const names = await deliver(releases);
    const images = names.map((name, i) => ({ bundle: digests[i], image: name }));
    context.stdout.write(flags.output === "json" ? json({ images }) : names.map((name) => `${name}\n`).join(""));

    async function manifestBundles() {
      const manifests = validateManifests(await readManifests(context, flags.filename ?? []));
      const named = (await buildSources(context, manifests, store)).map(bundleOf).filter((digest) => digest !== undefined);
      return await Promise.all(named.map((digest) => findStoredBundle(store, digest)));
    }

    async function deliver(made: readonly Release[]): Promise<string[]> {
      if (flags.layout !== undefined) {
        await writeLayoutDirectory(resolve(context.cwd, flags.layout), made, signal);
        return made.map(({ document }) => document.digest);
      }
      const names: string[] = [];
      for (const release of made) names.push(await to!.pushRelease(release, { client, signal, say, progress }));
      return names;
    }
  });
}
