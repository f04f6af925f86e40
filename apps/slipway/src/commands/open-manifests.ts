import { SlipwayError } from "@slipway/base";
import { type BuiltManifest, buildSources, sourceOf } from "../manifest/build-sources.ts";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import { carryKnown } from "../trust/carry-known.ts";
import type { CliContext } from "./context.ts";
import type { NamespaceFlags } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";
import type { Place } from "./place.ts";
import { hasImage, type PublishFlags, publishForCluster } from "./publish-for-cluster.ts";

/** Which manifests are opened, and whether images that are made of them are pushed. */
export interface OpenManifestsOptions {
  readonly flags: NamespaceFlags & PublishFlags & { readonly filename: readonly string[] };
  readonly place: Place;
  readonly push: boolean;
}

/** From `-f` to what the API takes: read, check everything, build every source, and for a cluster make its image. In the order to apply: what others need comes first. */
export async function openManifests(context: CliContext, { flags, place, push }: OpenManifestsOptions): Promise<BuiltManifest[]> {
  if (place.type === "machine" && flags.to !== undefined)
    throw new SlipwayError("usage", "--to is for a cluster, and no --context is given.");
  const manifests = validateManifests(await readManifests(context, flags.filename), {
    asked: flags.namespace,
    otherwise: place.namespace,
  });
  const built = await build(context, { flags, place, push }, manifests);
  const rank = (entry: BuiltManifest) => ["Namespace", "Secret"].indexOf(entry.kind) >>> 0;
  return [...built].sort((a, b) => rank(a) - rank(b));
}

async function build(
  context: CliContext,
  { flags, place, push }: OpenManifestsOptions,
  manifests: ReturnType<typeof validateManifests>,
): Promise<readonly BuiltManifest[]> {
  const withPath = manifests.find((entry) => sourceOf(entry).path !== undefined || sourceOf(entry).uri !== undefined);
  if (place.type === "cluster" && withPath !== undefined && flags.to === undefined) {
    const { name } = withPath.configuration.metadata;
    const source = sourceOf(withPath).path === undefined ? "an address" : "a directory";
    throw new SlipwayError("usage", `Model ${name} has ${source} as its source, and a cluster runs images.`, {
      hint: "Say where its image shall be: --to REGISTRY/NAME. It is made, pushed, and named by its digest.",
    });
  }
  const toPublish = place.type === "cluster" && flags.to !== undefined && !manifests.every(hasImage);
  if (place.type === "cluster" && withPath === undefined && !toPublish) return manifests;
  const store = await openBundles(context, resolveHome(context, flags.home));
  const built = await carryKnown(await buildSources(context, manifests, store), store);
  return place.type === "cluster" ? publishForCluster(context, place, built, { flags, store, push }) : built;
}
