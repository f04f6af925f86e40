import { acceptedEncoding, type ContentEncoding, compressBody, compressBytes } from "@slipway/http";
import { type AnswerBody, bytesOf, type InferenceAnswer } from "./inference-call.ts";

/** How an answer is to be compressed for a client with this Accept-Encoding; undefined for not at all. `local`: the client is on this machine. */
export function answerEncoding(
  { body }: InferenceAnswer,
  accepted: string | readonly string[] | undefined,
  local: boolean,
): ContentEncoding | undefined {
  if (accepted === undefined || byteLength(body) < compressBytes) return undefined;
  return acceptedEncoding(accepted, local);
}

/** The answer compressed, where that makes it smaller. Where its JSON ends is still said of the body before it was compressed, as Triton does. */
export async function compressAnswer(answer: InferenceAnswer, encoding: ContentEncoding): Promise<InferenceAnswer> {
  const headers = { ...answer.headers, vary: "accept-encoding" };
  const body = await compressBody(bytesOf(answer.body), encoding);
  return body === undefined
    ? { ...answer, headers }
    : { status: answer.status, headers: { ...headers, "content-encoding": encoding }, body };
}

function byteLength(body: AnswerBody): number {
  if (typeof body === "string" || body instanceof Uint8Array) return body.length;
  let length = 0;
  for (const piece of body) length += piece.length;
  return length;
}
