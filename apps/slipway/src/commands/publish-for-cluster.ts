import { SlipwayError } from "@slipway/base";
import type { BundleStore } from "@slipway/bundle";
import type { Command } from "commander";
import { publishModelImages } from "../image/publish-model-images.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import type { BuiltManifest } from "../manifest/build-sources.ts";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import type { ClusterPlace } from "./place.ts";

/** Flags of the commands that make images of what manifests name. */
export interface PublishFlags extends RegistryFlags {
  readonly to?: string;
}

/** Adds `--to` and `--insecure-registry`. */
export function publishFlags(command: Command): Command {
  return registryFlags(
    command.option("--to <repository>", "in a cluster: push the images of what is built to this repository (REGISTRY/NAME)"),
  );
}

/** How long the cluster may take to say which image it runs, milliseconds. */
const longestMs = 30_000;

/**
 * Gives every Model an image: what has none is built on the image that the cluster's own platform runs, or on `SLIPWAY_RUNTIME_IMAGE`, and
 * pushed to `--to`; with `push: false` its digest is worked out and nothing is sent.
 */
export async function publishForCluster(
  context: CliContext,
  place: ClusterPlace,
  built: readonly BuiltManifest[],
  { flags, store, push }: { readonly flags: PublishFlags; readonly store: BundleStore; readonly push: boolean },
): Promise<BuiltManifest[]> {
  const { to } = flags;
  if (to === undefined) return [...built];
  const runtime = context.env.SLIPWAY_RUNTIME_IMAGE || (await platformImage(context, place));
  return withRegistry(context, flags, async (client) => {
    const say = (line: string) => context.stderr.write(line);
    const done: BuiltManifest[] = [];
    for (const entry of built) {
      if (hasImage(entry)) done.push(entry);
      else done.push(...(await publishModelImages([entry], { client, store, to, runtime, push, signal: context.signal, say })));
    }
    return done;
  });
}

/** Whether nothing has to be made for an object to run in a cluster. */
export function hasImage({ kind, configuration }: Pick<BuiltManifest, "kind" | "configuration">): boolean {
  if (kind !== "Model") return true;
  return (configuration.spec as { source?: { image?: string } } | undefined)?.source?.image !== undefined;
}

async function platformImage(context: CliContext, place: ClusterPlace): Promise<string> {
  const { findPlatformImage } = await import("@slipway/kubernetes");
  try {
    const image = await clusterWork(context, place, longestMs, findPlatformImage);
    if (image !== undefined) return image;
  } catch (caught) {
    if (SlipwayError.from(caught).code !== "forbidden") throw caught;
  }
  throw new SlipwayError(
    "usage",
    `It cannot be seen which image Slipway runs in ${place.context}, to build images of models on it.`,
    {
      hint: "Name it in SLIPWAY_RUNTIME_IMAGE; `slipway runtime-image --to REPOSITORY` makes one.",
    },
  );
}
