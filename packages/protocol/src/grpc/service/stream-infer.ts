import { SlipwayError } from "@slipway/base";
import { inferErrorBody } from "../../oip/infer-error-body.ts";
import { readModelName } from "../infer/read-model-name.ts";
import { modelStreamInferResponse } from "../messages/inference-messages.ts";
import { answerError } from "./answer-error.ts";
import type { ServiceBackend, ServiceCall } from "./service-backend.ts";

/** Requests of one stream that are worked on at once, and their bytes together; a client that sends more waits. */
const mostRequests = 32;
const mostBytes = 64 * 1024 * 1024;

/** ModelStreamInfer: each message is a request of its own, answered in the order they came, as Triton does. An error is the answer to its request and does not end the stream. */
export async function streamInfer<Call extends ServiceCall>(call: Call, backend: ServiceBackend<Call>): Promise<void> {
  const answers: Promise<readonly Uint8Array[]>[] = [];
  let bytes = 0;
  let ended = false;
  let wake: () => void = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  const read = async () => {
    try {
      for (;;) {
        while (answers.length >= mostRequests || bytes >= mostBytes) await change();
        const message = await call.next();
        if (message === undefined) return;
        bytes += message.length;
        answers.push(answerTo(call, backend, message).finally(() => (bytes -= message.length)));
        wake();
      }
    } finally {
      ended = true;
      wake();
    }
  };
  const reading = read();
  // It is awaited at the end; until then a failure of it must not count as unhandled.
  reading.catch(() => {});
  for (;;) {
    const first = answers[0];
    if (first !== undefined) {
      await call.send(await first);
      answers.shift();
      wake();
    } else if (ended) break;
    else await change();
  }
  await reading;
}

async function answerTo<Call extends ServiceCall>(
  call: Call,
  backend: ServiceBackend<Call>,
  message: Buffer,
): Promise<readonly Uint8Array[]> {
  let asked = { model: "", version: "", id: "" };
  try {
    asked = readModelName(message);
    const answer = await backend.infer(call, message, asked.model, asked.version);
    if (answer.status !== 200) throw answerError(answer);
    const pieces = answer.body instanceof Uint8Array ? [answer.body] : answer.body;
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    return [modelStreamInferResponse.prefix("inferResponse", size), ...pieces];
  } catch (caught) {
    const { error } = inferErrorBody(SlipwayError.from(caught));
    // The id tells a client which of its requests it was.
    const inferResponse = { modelName: asked.model, modelVersion: asked.version, id: asked.id };
    return [modelStreamInferResponse.encode({ errorMessage: error, inferResponse })];
  }
}
