import { isAbsolute, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { CliContext } from "../commands/context.ts";

/** Where what images are made of is kept between runs. */
export function cacheFolder(context: CliContext): string {
  return join(cacheRoot(context), "images");
}

/** Where what was fetched or made once is kept between runs; undefined when the environment names no place. */
export function cacheRootIfAny({ env }: CliContext): string | undefined {
  const caches = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, ".cache") : "");
  return isAbsolute(caches) ? join(caches, "slipway") : undefined;
}

function cacheRoot(context: CliContext): string {
  const root = cacheRootIfAny(context);
  if (root !== undefined) return root;
  throw new SlipwayError(
    "usage",
    "There is no place to keep what was fetched: neither XDG_CACHE_HOME nor HOME is an absolute path.",
  );
}
