import { SlipwayError } from "@slipway/base";
import type { InferRequest } from "@slipway/protocol";

/** What a failed run is to the caller: a model that throws on an empty tensor does not allow it; any other failure is its own. */
export function runFailure(text: string, request: InferRequest): SlipwayError {
  const empty = request.inputs.find((tensor) => tensor.shape.includes(0));
  if (empty !== undefined) {
    const message = `The model does not take the empty tensor [${empty.shape.join(",")}] as input ${JSON.stringify(empty.name)}: ${withoutPaths(text)}`;
    return new SlipwayError("badRequest", message, { cause: new Error(text) });
  }
  return new SlipwayError("internal", `The model failed: ${withoutPaths(text)}`, {
    hint: "Check the values and that the shapes of the inputs fit one another.",
    cause: new Error(text),
  });
}

/** ONNX Runtime's text for a caller: no source or host path, no line break, at most 500 characters. */
export function withoutPaths(text: string): string {
  return text
    .replace(/\S*[/\\]\S*/g, "…")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}
