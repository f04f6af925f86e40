import { isAbsolute, join } from "node:path";

/** Where runtimes are installed that not everyone needs, shared by all homes of a user; undefined when the environment names no place for it. */
export function runtimesFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const caches = env.XDG_CACHE_HOME || (env.HOME ? join(env.HOME, ".cache") : "");
  return isAbsolute(caches) ? join(caches, "slipway", "runtimes") : undefined;
}
