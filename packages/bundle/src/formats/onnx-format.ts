import { damaged } from "../manifest/decode.ts";
import { inspectOnnx } from "../onnx/inspect-onnx.ts";
import type { ModelFormat, OnnxFacts } from "./model-format.ts";
import { decodeSignature, encodeSignature } from "./signature-form.ts";

/** ONNX: `model.onnx`, or the only `*.onnx` at the top. */
export const onnxFormat: ModelFormat<OnnxFacts> = {
  expects: "model.onnx, or one file that ends in .onnx",
  detect(paths) {
    const models = paths.filter((path) => !path.includes("/") && /\.onnx$/i.test(path));
    if (models.length === 0) return undefined;
    if (models.includes("model.onnx")) return { main: "model.onnx" };
    if (models.length === 1) return { main: models[0]! };
    const found = models.slice(0, 5).join(", ");
    return {
      problem: `it has ${models.length} .onnx files (${found})`,
      hint: "Name the one to serve model.onnx.",
    };
  },
  async inspect(directory, main) {
    const { signature, opsets } = await directory.withFile(main, (bytes) =>
      inspectOnnx(bytes, { path: main, files: directory.files }),
    );
    return { format: "onnx", model: directory.inImage(main), signature, opsets };
  },
  encode: ({ model, opsets, signature }) => ({
    model,
    opsets: Object.fromEntries(Object.entries(opsets).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    signature: encodeSignature(signature),
  }),
  decode(facts, existing) {
    const opsets = facts.get("opsets").value;
    if (typeof opsets !== "object" || opsets === null) throw damaged("config.slipway.opsets is not an object");
    return {
      format: "onnx",
      model: existing(facts.get("model")),
      opsets: Object.fromEntries(Object.keys(opsets).map((domain) => [domain, facts.get("opsets").get(domain).size()])),
      signature: decodeSignature(facts.get("signature")),
    };
  },
};
