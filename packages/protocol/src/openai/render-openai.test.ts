import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { chatFormat, completionFormat, openaiErrorBody, renderEmbeddings, serverSentEvent } from "./render-openai.ts";

const head = { id: "chatcmpl-1", created: 5, model: "m", fingerprint: "m-1" };
const usage = { promptTokens: 2, completionTokens: 3 };
const call = { id: "c", name: "weather", arguments: '{"city":"Paris"}' };

test("a whole chat answer, with text or with calls", () => {
  const text = chatFormat.whole(head, { text: "hi", calls: [], finish: "stop", usage });
  assert.deepEqual(text, {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 5,
    model: "m",
    system_fingerprint: "m-1",
    choices: [{ index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: null, finish_reason: "stop" }],
    usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
  });
  const calls = chatFormat.whole(head, { text: "", calls: [call], finish: "tool_calls", usage }) as {
    choices: { message: unknown }[];
  };
  assert.deepEqual(calls.choices[0]?.message, {
    role: "assistant",
    content: null,
    refusal: null,
    tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
  });
});

test("a stream names a call once, then adds to its arguments", () => {
  const delta = (piece: Parameters<typeof chatFormat.piece>[1]) =>
    (chatFormat.piece(head, piece) as { choices: { delta: unknown }[] }).choices[0]?.delta;
  assert.deepEqual(delta({ text: "a" }), { content: "a" });
  assert.deepEqual(delta({ call: { index: 1, id: "c", name: "f", arguments: "" } }), {
    tool_calls: [{ index: 1, id: "c", type: "function", function: { name: "f", arguments: "" } }],
  });
  assert.deepEqual(delta({ call: { index: 1, arguments: "{}" } }), { tool_calls: [{ index: 1, function: { arguments: "{}" } }] });
});

test("a completion has text where a chat has a message", () => {
  assert.equal(completionFormat.first(head), undefined);
  const piece = completionFormat.piece(head, { text: "a" });
  assert.deepEqual(piece, {
    id: "chatcmpl-1",
    object: "text_completion",
    created: 5,
    model: "m",
    system_fingerprint: "m-1",
    choices: [{ text: "a", index: 0, logprobs: null, finish_reason: null }],
  });
});

test("an event has no line break inside, whatever its text", () => {
  assert.equal(serverSentEvent({ text: "a\n\nb" }), 'data: {"text":"a\\n\\nb"}\n\n');
});

test("embeddings are numbers, or their bytes in base64", () => {
  const vector = new Float32Array([1, -2]);
  const data = (encoding: "float" | "base64") =>
    (renderEmbeddings("m", [vector], encoding, 4) as { data: { embedding: unknown }[] }).data[0]?.embedding;
  assert.deepEqual(data("float"), [1, -2]);
  assert.deepEqual(data("base64"), "AACAPwAAAMA=");
});

test("an error has what OpenAI's clients tell errors apart by", () => {
  const body = (error: SlipwayError) => (openaiErrorBody(error) as { error: { type: string; message: string } }).error;
  assert.deepEqual(body(new SlipwayError("notFound", "No model.", { hint: "Name one." })), {
    message: "No model. Name one.",
    type: "invalid_request_error",
    param: null,
    code: "notFound",
  });
  const type = (code: "unauthenticated" | "forbidden" | "overloaded" | "internal") => body(new SlipwayError(code, "x")).type;
  assert.deepEqual(
    [type("unauthenticated"), type("forbidden"), type("overloaded"), type("internal")],
    ["authentication_error", "permission_error", "rate_limit_error", "server_error"],
  );
});
