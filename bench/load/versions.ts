import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The version of onnxruntime-node that our server and the bare loop run. */
export function onnxRuntimeVersion(): string {
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  return (JSON.parse(readFileSync(join(dirname(main), "..", "package.json"), "utf8")) as { version: string }).version;
}
