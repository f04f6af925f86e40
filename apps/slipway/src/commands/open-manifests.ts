import { type BuiltManifest, buildSources } from "../manifest/build-sources.ts";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import type { CliContext } from "./context.ts";
import type { NamespaceFlags } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

/** From `-f` to what the API takes: read, check everything, build every source. In the order to apply: what others need comes first. */
export async function openManifests(
  context: CliContext,
  flags: NamespaceFlags & { readonly filename: readonly string[] },
): Promise<BuiltManifest[]> {
  const home = resolveHome(context, flags.home);
  const manifests = validateManifests(await readManifests(context, flags.filename), flags.namespace);
  const built = await buildSources(manifests, await openBundles(context, home), context.signal);
  const rank = (entry: BuiltManifest) => ["Namespace", "Secret"].indexOf(entry.kind) >>> 0;
  return built.sort((a, b) => rank(a) - rank(b));
}
