import { SlipwayError } from "@slipway/base";

/** The path of the model file: `model.onnx`, or the only `*.onnx` at the top; throws `invalid` with what was found. */
export function findModel(paths: readonly string[]): string {
  const models = paths.filter((path) => !path.includes("/") && /\.onnx$/i.test(path));
  if (models.includes("model.onnx")) return "model.onnx";
  if (models.length === 1) return models[0]!;
  const found =
    models.length === 0
      ? "there is no .onnx file in it"
      : `it has ${models.length} .onnx files (${models.slice(0, 5).join(", ")})`;
  throw new SlipwayError(
    "invalid",
    `The model directory has no model: ${found}. Expected model.onnx, or one file that ends in .onnx.`,
    {
      hint: models.length === 0 ? "Export the model to ONNX into this directory." : "Name the one to serve model.onnx.",
    },
  );
}
