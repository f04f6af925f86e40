import { SlipwayError } from "@slipway/base";

/** Of a request or an answer: how many bytes of its body are JSON, before binary data. */
export const binaryHeader = "inference-header-content-length";

/** How many bytes of a request body of `bodyBytes` are JSON, by the value of {@link binaryHeader}. Throws `badRequest`. */
export function readBinaryHeader(value: string | readonly string[], bodyBytes: number): number {
  const length = binaryHeaderLength(value);
  if (length === undefined) {
    const text = JSON.stringify(String(value).slice(0, 64));
    throw new SlipwayError(
      "badRequest",
      `The header Inference-Header-Content-Length must be a whole number, once, not ${text}.`,
      {
        hint: "It is the length in bytes of the JSON at the start of the body.",
      },
    );
  }
  if (length === 0) {
    throw new SlipwayError("badRequest", "The header Inference-Header-Content-Length is 0: the body must begin with JSON.", {
      hint: "A body of nothing but one tensor's bytes is not supported.",
    });
  }
  if (length > bodyBytes) {
    throw new SlipwayError(
      "badRequest",
      `The header Inference-Header-Content-Length is ${length}, but the body has ${bodyBytes} bytes.`,
    );
  }
  return length;
}

/** The number in {@link binaryHeader}, where memory should be aligned for tensors; undefined when there is none or it is malformed. */
export function binaryHeaderLength(value: string | readonly string[] | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
