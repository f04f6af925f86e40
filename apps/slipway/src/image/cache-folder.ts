import { isAbsolute, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { CliContext } from "../commands/context.ts";

/** Where what images are made of is kept between runs. */
export function cacheFolder(context: CliContext): string {
  return join(cacheRoot(context), "images");
}

/** Where what was fetched or made once is kept between runs. */
export function cacheRoot({ env }: CliContext): string {
  const caches = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, ".cache") : "");
  if (isAbsolute(caches)) return join(caches, "slipway");
  throw new SlipwayError(
    "usage",
    "There is no place to keep what was fetched: neither XDG_CACHE_HOME nor HOME is an absolute path.",
  );
}
