import { isAbsolute, join } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { CliContext } from "../commands/context.ts";

/** Where what images are made of is kept between runs. */
export function cacheFolder({ env }: CliContext): string {
  const caches = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, ".cache") : "");
  if (isAbsolute(caches)) return join(caches, "slipway", "images");
  throw new SlipwayError(
    "usage",
    "There is no place to keep what was fetched: neither XDG_CACHE_HOME nor HOME is an absolute path.",
  );
}
