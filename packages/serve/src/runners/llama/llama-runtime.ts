import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installRuntime, type RuntimePlace } from "../../runtimes/install-runtime.ts";
import lock from "./runtime-lock.json" with { type: "json" };

const version = lock.packages["node_modules/node-llama-cpp"].version;

const natives: Readonly<Record<string, string>> = {
  "linux-x64": "@node-llama-cpp/linux-x64",
  "linux-arm64": "@node-llama-cpp/linux-arm64",
  "darwin-arm64": "@node-llama-cpp/mac-arm64-metal",
  "darwin-x64": "@node-llama-cpp/mac-x64",
};

/** The libraries that a model of llama.cpp runs on, installed when they are not there yet. Throws as `installRuntime` does. */
export async function llamaRuntime(place: RuntimePlace): Promise<{ readonly library: string; readonly templates: string }> {
  const modules = await installRuntime(
    {
      name: "llama",
      title: `node-llama-cpp ${version}`,
      lock,
      native: (platform, architecture) => natives[`${platform}-${architecture}`],
    },
    place,
  );
  const entry = (...path: string[]) => pathToFileURL(join(modules, ...path)).href;
  return {
    library: entry("node-llama-cpp", "dist", "index.js"),
    templates: entry("@huggingface", "jinja", "dist", "index.js"),
  };
}
