import { SlipwayError } from "@slipway/base";
import type { InferenceCall } from "./inference-call.ts";

/** Refuses a body that is not plain JSON. No content type means JSON, as OIP clients leave it out. Throws `unsupportedMediaType`. */
export function checkMediaType(headers: InferenceCall["headers"]): void {
  if (headers["inference-header-content-length"] !== undefined) {
    throw new SlipwayError("unsupportedMediaType", "Binary tensor data (Inference-Header-Content-Length) is not supported.", {
      hint: "Send the tensors as JSON; Triton's client does with binary_data=False.",
    });
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new SlipwayError("unsupportedMediaType", `The content encoding ${JSON.stringify(encoding)} is not supported.`, {
      hint: "Send the body uncompressed.",
    });
  }
  const type = headers["content-type"];
  if (type === undefined || type === "application/json" || isJson(String(type))) return;
  throw new SlipwayError(
    "unsupportedMediaType",
    `The content type ${JSON.stringify(String(type).slice(0, 100))} is not supported.`,
    {
      hint: "Send Content-Type: application/json.",
    },
  );
}

/** JSON in UTF-8; parameters other than the character set do not matter. */
function isJson(type: string): boolean {
  const [media, ...parameters] = type.toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  return media!.trim() === "application/json" && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}
