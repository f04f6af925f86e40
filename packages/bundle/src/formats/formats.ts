import { llamaFormat } from "./llama-format.ts";
import type { FactsByFormat, Format, ModelFacts, ModelFormat } from "./model-format.ts";
import { onnxFormat } from "./onnx-format.ts";
import { pythonFormat } from "./python-format.ts";

/** Every format, in the order in which a directory is asked whether it is one. */
export const formats: { readonly [Name in Format]: ModelFormat<FactsByFormat[Name]> } = {
  onnx: onnxFormat,
  python: pythonFormat,
  llama: llamaFormat,
};

/** The names of all formats. */
export const formatNames = Object.keys(formats) as readonly Format[];

/** The format of this name, for facts of whichever format they are. */
export function formatOf(name: Format): ModelFormat<ModelFacts> {
  return formats[name] as ModelFormat<ModelFacts>;
}
