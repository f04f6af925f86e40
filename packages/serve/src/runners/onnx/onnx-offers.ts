import { createRequire } from "node:module";

/** The highest version of each operator set that ONNX Runtime 1.30 knows; it refuses a model with a higher one. Tested against it. */
export const onnxOperatorSets: Readonly<Record<string, number>> = { "ai.onnx": 26 };

/** What ONNX Runtime gives a contract. Its version is read from its package, without loading it. */
export async function onnxOffers() {
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  return { operatorSets: onnxOperatorSets, libraries: { onnxruntime: version } };
}
