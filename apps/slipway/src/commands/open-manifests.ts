import { SlipwayError } from "@slipway/base";
import { type BuiltManifest, buildSources, sourcePath } from "../manifest/build-sources.ts";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import type { CliContext } from "./context.ts";
import type { NamespaceFlags } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";
import type { Place } from "./place.ts";

/** From `-f` to what the API takes: read, check everything, build every source. In the order to apply: what others need comes first. */
export async function openManifests(
  context: CliContext,
  flags: NamespaceFlags & { readonly filename: readonly string[] },
  place: Place,
): Promise<BuiltManifest[]> {
  const manifests = validateManifests(await readManifests(context, flags.filename), {
    asked: flags.namespace,
    otherwise: place.namespace,
  });
  const [first] = manifests.filter((entry) => sourcePath(entry) !== undefined);
  if (place.type === "cluster" && first !== undefined) throw needsImage(first.configuration.metadata.name);
  const built =
    first === undefined
      ? manifests
      : await buildSources(manifests, await openBundles(context, resolveHome(context, flags.home)), context.signal);
  const rank = (entry: BuiltManifest) => ["Namespace", "Secret"].indexOf(entry.kind) >>> 0;
  return [...built].sort((a, b) => rank(a) - rank(b));
}

function needsImage(model: string): SlipwayError {
  return new SlipwayError("usage", `Model ${model} has a directory as its source, and a cluster runs images.`, {
    hint: "Make and push its image, and name it in spec.source.image, beside spec.source.bundle.",
  });
}
