import { join } from "node:path";
import { BundleStore } from "@slipway/bundle";
import { openHome } from "@slipway/local";
import { cacheRoot } from "../image/cache-folder.ts";
import type { CliContext } from "./context.ts";

/** The bundle store of a home, whether or not the platform runs; makes the home when it is new. */
export async function openBundles(context: CliContext, home: string): Promise<BundleStore> {
  const paths = await openHome(home, { runtimeParent: context.env.XDG_RUNTIME_DIR ?? "" });
  return new BundleStore(paths.bundles, { clock: context.clock, cache: join(cacheRoot(context), "python") });
}
