import { SlipwayError } from "@slipway/base";
import { binaryHeader } from "@slipway/protocol";
import type { InferenceCall } from "./inference-call.ts";

/** Refuses a body that is neither JSON nor JSON with binary data after it. No content type means either, as OIP clients leave it out. Throws `unsupportedMediaType`. */
export function checkMediaType(headers: InferenceCall["headers"]): void {
  const type = headers["content-type"];
  if (type === undefined || type === "application/json") return;
  if ((type === "application/octet-stream" || isBytes(String(type))) && headers[binaryHeader] !== undefined) return;
  if (isJson(String(type))) return;
  throw new SlipwayError(
    "unsupportedMediaType",
    `The content type ${JSON.stringify(String(type).slice(0, 100))} is not supported.`,
    {
      hint: "Send Content-Type: application/json; with binary data also application/octet-stream, and Inference-Header-Content-Length.",
    },
  );
}

/** JSON in UTF-8; parameters other than the character set do not matter. */
function isJson(type: string): boolean {
  const [media, ...parameters] = type.toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  return media!.trim() === "application/json" && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}

function isBytes(type: string): boolean {
  return type.toLowerCase().split(";", 1)[0]!.trim() === "application/octet-stream";
}
