import { homedir } from "node:os";
import { join } from "node:path";

/** A folder outside the checkout for what benchmarks make once: the rivals' environments, generated models. */
export function cacheFolder(...parts: string[]): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", ...parts);
}
