import { randomUUID } from "node:crypto";
import { type Instant, SlipwayError } from "@slipway/base";
import {
  type AnswerHead,
  type AnswerPiece,
  chatFormat,
  completionFormat,
  endOfStream,
  type Generation,
  openaiErrorBody,
  parseChatRequest,
  parseCompletionRequest,
  parseEmbeddingRequest,
  renderEmbeddings,
  serverSentEvent,
  type TextFormat,
  type ToolCall,
} from "@slipway/protocol";
import type { TextEvent, TextRequest, TextRunner } from "../runners/text-runner.ts";
import type { OpenaiAnswer, OpenaiCall } from "./openai-call.ts";
import type { ReplicaIdentity } from "./replica.ts";

/** Who answers. */
export interface OpenaiAnswerer {
  readonly runner: Pick<TextRunner, "facts" | "generate" | "embed">;
  readonly identity: ReplicaIdentity;
  readonly now: () => Instant;
}

const json = { "content-type": "application/json" } as const;
const eventStream = { "content-type": "text/event-stream", "cache-control": "no-cache" } as const;

/** Answers a request of the OpenAI API. Throws whatever goes wrong before the first byte of the answer. */
export async function answerOpenai(call: OpenaiCall, answerer: OpenaiAnswerer): Promise<OpenaiAnswer> {
  switch (call.operation) {
    case "chat": {
      const chat = parseChatRequest(call.body);
      return answerText({ chat }, chat, chatFormat, call, answerer);
    }
    case "completion": {
      const completion = parseCompletionRequest(call.body);
      return answerText({ completion }, completion, completionFormat, call, answerer);
    }
    case "embedding":
      return answerEmbeddings(call, answerer);
  }
}

async function answerText(
  request: TextRequest,
  { model, stream, includeUsage }: Generation,
  format: TextFormat,
  { signal }: OpenaiCall,
  { runner, identity, now }: OpenaiAnswerer,
): Promise<OpenaiAnswer> {
  demandModel(model, identity);
  const head: AnswerHead = {
    id: format.idPrefix + randomUUID().replaceAll("-", ""),
    created: Math.floor(now() / 1_000),
    model,
    fingerprint: identity.revision,
  };
  const events = runner.generate(request, signal)[Symbol.asyncIterator]();
  if (stream) {
    // What is wrong with a request is known by its first event: until then an error has a status of its own.
    const first = await events.next();
    // Whoever leaves may do so before the body is read at all.
    signal.addEventListener("abort", () => void events.return?.(), { once: true });
    return { status: 200, headers: eventStream, body: streamed(format, head, includeUsage, first, events) };
  }
  const answer = await wholeAnswer(events);
  return { status: 200, headers: json, body: JSON.stringify(format.whole(head, answer)) };
}

async function wholeAnswer(events: AsyncIterator<TextEvent>) {
  let text = "";
  const calls: ToolCall[] = [];
  for (let next = await events.next(); !next.done; next = await events.next()) {
    const event = next.value;
    if ("finish" in event) {
      await events.return?.();
      return { text, calls, finish: event.finish, usage: event.usage };
    }
    if ("text" in event) text += event.text;
    else calls.push({ id: event.call.id ?? "", name: event.call.name ?? "", arguments: event.call.arguments });
  }
  throw new SlipwayError("internal", "The answer of the model has no end.");
}

async function* streamed(
  format: TextFormat,
  head: AnswerHead,
  includeUsage: boolean,
  first: IteratorResult<TextEvent>,
  events: AsyncIterator<TextEvent>,
): AsyncGenerator<Uint8Array> {
  const chunk = (value: unknown) => Buffer.from(value === undefined ? "" : serverSentEvent(value));
  try {
    const begin = chunk(format.first(head));
    if (begin.length > 0) yield begin;
    for (let next = first; !next.done; next = await events.next()) {
      const event = next.value;
      if ("finish" in event) {
        yield chunk(format.last(head, event.finish));
        if (includeUsage) yield chunk(format.usage(head, event.usage));
        yield Buffer.from(endOfStream);
      } else yield chunk(format.piece(head, event satisfies AnswerPiece));
    }
  } catch (caught) {
    // The status is out already: OpenAI's clients look for an error among the events.
    yield chunk(openaiErrorBody(SlipwayError.from(caught)));
    throw caught;
  } finally {
    await events.return?.();
  }
}

async function answerEmbeddings({ body, signal }: OpenaiCall, { runner, identity }: OpenaiAnswerer): Promise<OpenaiAnswer> {
  const { model, inputs, encoding, dimensions } = parseEmbeddingRequest(body);
  demandModel(model, identity);
  const { embeddingLength } = runner.facts;
  if (dimensions !== undefined && dimensions !== embeddingLength)
    throw new SlipwayError(
      "badRequest",
      `"dimensions" must be ${embeddingLength}, or absent: embeddings of this model are not cut.`,
      {
        problems: [{ path: "dimensions", message: `must be ${embeddingLength}`, reason: "FieldValueInvalid" }],
      },
    );
  const { vectors, tokens } = await runner.embed(inputs, signal);
  return { status: 200, headers: json, body: JSON.stringify(renderEmbeddings(model, vectors, encoding, tokens)) };
}

function demandModel(model: string, { namespace, model: name }: ReplicaIdentity): void {
  if (model === name || model === `${namespace}/${name}`) return;
  throw new SlipwayError("notFound", `There is no model ${JSON.stringify(model.slice(0, 100))} here.`, {
    hint: `This replica serves ${JSON.stringify(name)}.`,
    problems: [{ path: "model", message: "unknown", reason: "FieldValueNotSupported" }],
  });
}
