import { type ErrorCode, errorCodes, SlipwayError } from "@slipway/base";
import { grpcStatusHeader } from "../load-grpc-protocol.ts";
import type { ServiceAnswer } from "./service-backend.ts";

/** What an answer that is an error says, to be thrown. */
export function answerError({ status, headers, body }: ServiceAnswer): SlipwayError {
  const code = (Object.keys(errorCodes) as ErrorCode[]).find((candidate) => errorCodes[candidate].http === status) ?? "internal";
  const told = Number(headers[grpcStatusHeader] ?? Number.NaN);
  const retryAfter = Number(headers["retry-after"] ?? Number.NaN);
  return new SlipwayError(code, errorText(body), {
    ...(Number.isInteger(told) && told > 0 && told <= 16 ? { grpcStatus: told } : {}),
    ...(Number.isFinite(retryAfter) ? { retryAfter } : {}),
  });
}

function errorText(body: ServiceAnswer["body"]): string {
  try {
    const { error } = JSON.parse(bytesOf(body).toString()) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // Not the JSON of an error: said below.
  }
  return "The model answered with an error that cannot be read.";
}

/** The bytes of an answer in one piece. */
export function bytesOf(body: ServiceAnswer["body"]): Buffer {
  if (!(body instanceof Uint8Array)) return Buffer.concat(body);
  return Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
