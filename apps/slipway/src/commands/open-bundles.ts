import { join } from "node:path";
import { BundleStore } from "@slipway/bundle";
import { openHome } from "@slipway/local";
import { cacheRootIfAny } from "../image/cache-folder.ts";
import type { CliContext } from "./context.ts";

/** The bundle store of a home, whether or not the platform runs; makes the home when it is new. */
export async function openBundles(context: CliContext, home: string): Promise<BundleStore> {
  const paths = await openHome(home, { runtimeParent: context.env.XDG_RUNTIME_DIR ?? "" });
  // Only models that need packages need a place to keep them.
  const root = cacheRootIfAny(context);
  return new BundleStore(paths.bundles, { clock: context.clock, ...(root === undefined ? {} : { cache: join(root, "python") }) });
}
