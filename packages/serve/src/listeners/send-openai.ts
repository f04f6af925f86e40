import type { Exchange } from "@slipway/http";
import type { OpenaiAnswer } from "../replica/openai-call.ts";

/** Sends an answer of the OpenAI API: whole, or piece by piece at the client's pace. What fails in its midst breaks it off. */
export async function sendOpenai(exchange: Exchange, { status, headers, body }: OpenaiAnswer): Promise<void> {
  if (typeof body === "string") {
    exchange.send(status, headers, body);
    return;
  }
  const stream = exchange.stream(status, headers);
  try {
    for await (const piece of body) await stream.write(piece);
    stream.end();
  } catch {
    // The client has left, or the model's failure is its log's and was the last event.
    stream.abort();
  }
}
