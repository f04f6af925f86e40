import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { parseChatRequest, parseCompletionRequest, parseEmbeddingRequest, readRequestedModel } from "./parse-openai-request.ts";
import { openaiErrorBody } from "./render-openai.ts";

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const chat = (more: object = {}) =>
  parseChatRequest(bytes({ model: "m", messages: [{ role: "user", content: "hello" }], ...more }));
const weather = { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } };

/** The `param` and message of what a request is refused with. */
function refusal(parse: () => unknown): { param: string | null; message: string } {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof SlipwayError && error.code === "badRequest", String(error));
    return (openaiErrorBody(error) as { error: { param: string | null; message: string } }).error;
  }
  return assert.fail("It was not refused.");
}

describe("a chat request", () => {
  test("has OpenAI's defaults", () => {
    assert.deepEqual(chat(), {
      model: "m",
      sampling: { temperature: 1, topP: 1, frequencyPenalty: 0, presencePenalty: 0, logitBias: [] },
      stop: [],
      stream: false,
      includeUsage: false,
      messages: [{ role: "user", content: "hello" }],
      tools: [],
      toolChoice: "none",
      parallelToolCalls: true,
      format: { type: "text" },
    });
  });

  test("says everything it can say", () => {
    const request = chat({
      messages: [
        { role: "developer", content: "be brief" },
        {
          role: "user",
          content: [
            { type: "text", text: "a" },
            { type: "text", text: "b" },
          ],
          name: "ann",
        },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "1", type: "function", function: { name: "weather", arguments: "{}" } }],
        },
        { role: "tool", content: "rain", tool_call_id: "1" },
      ],
      max_completion_tokens: 7,
      temperature: 0,
      top_p: 0.5,
      seed: -3,
      stop: "end",
      frequency_penalty: -2,
      presence_penalty: 2,
      logit_bias: { 5: -100 },
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      tools: [weather],
      tool_choice: { type: "function", function: { name: "weather" } },
      parallel_tool_calls: false,
      user: "someone",
    });
    assert.deepEqual(request.messages, [
      { role: "system", content: "be brief" },
      { role: "user", content: "ab", name: "ann" },
      { role: "assistant", content: undefined, toolCalls: [{ id: "1", name: "weather", arguments: "{}" }] },
      { role: "tool", content: "rain", toolCallId: "1" },
    ]);
    assert.deepEqual(request.sampling, {
      temperature: 0,
      topP: 0.5,
      seed: -3,
      frequencyPenalty: -2,
      presencePenalty: 2,
      logitBias: [[5, -100]],
    });
    assert.deepEqual([request.maxTokens, request.stop, request.stream, request.includeUsage], [7, ["end"], true, true]);
    assert.deepEqual([request.toolChoice, request.parallelToolCalls], [{ name: "weather" }, false]);
  });

  test("takes null and what asks for nothing as absent, as OpenAI's clients send it", () => {
    const request = chat({
      n: 1,
      logprobs: false,
      stop: null,
      tools: null,
      seed: null,
      store: false,
      service_tier: "auto",
      metadata: {},
    });
    assert.deepEqual(request, chat());
  });

  test("reads each kind of answer format", () => {
    const format = (value: object) => chat({ response_format: value }).format;
    assert.deepEqual(format({ type: "text" }), { type: "text" });
    assert.deepEqual(format({ type: "json_object" }), { type: "json" });
    const schema = { type: "object" };
    assert.deepEqual(format({ type: "json_schema", json_schema: { name: "n", strict: true, schema } }), { type: "json", schema });
  });

  const refusals: [string, object, string | null][] = [
    ["an unknown field", { temprature: 1 }, null],
    ["several answers", { n: 2 }, "n"],
    ["log probabilities", { logprobs: true }, "logprobs"],
    ["old functions", { functions: [] }, "functions"],
    ["what would be stored", { store: true }, "store"],
    ["effort", { reasoning_effort: "low" }, "reasoning_effort"],
    ["a temperature too high", { temperature: 2.1 }, "temperature"],
    ["a seed that is no whole number", { seed: 1.5 }, "seed"],
    ["no tokens", { max_tokens: 0 }, "max_tokens"],
    ["two different limits", { max_tokens: 1, max_completion_tokens: 2 }, "max_tokens"],
    ["five stops", { stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["an empty stop", { stop: [""] }, "stop"],
    ["a bias for a word", { logit_bias: { word: 1 } }, "logit_bias"],
    ["options of a stream without one", { stream_options: { include_usage: true } }, "stream_options"],
    ["no messages", { messages: [] }, "messages"],
    ["a role nobody has", { messages: [{ role: "boss", content: "x" }] }, "messages[0].role"],
    ["no content", { messages: [{ role: "user" }] }, "messages[0].content"],
    [
      "a picture",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "http://169.254.169.254/" } }] }] },
      "messages[0].content[0]",
    ],
    ["a result of no call", { messages: [{ role: "tool", content: "x" }] }, "messages[0].tool_call_id"],
    [
      "calls by the user",
      {
        messages: [
          { role: "user", content: "x", tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }] },
        ],
      },
      "messages[0].tool_calls",
    ],
    [
      "arguments that are no JSON",
      { messages: [{ role: "assistant", tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{" } }] }] },
      "messages[0].tool_calls[0].function.arguments",
    ],
    ["a tool without a fitting name", { tools: [{ type: "function", function: { name: "a b" } }] }, "tools[0].function.name"],
    ["a tool twice", { tools: [weather, weather] }, "tools"],
    ["a call without tools", { tool_choice: "required" }, "tool_choice"],
    ["a call of no tool", { tools: [weather], tool_choice: { type: "function", function: { name: "x" } } }, "tool_choice"],
    [
      "a schema that is none",
      { response_format: { type: "json_schema", json_schema: { name: "n", schema: [] } } },
      "response_format.json_schema.schema",
    ],
    ["a format and tools", { response_format: { type: "json_object" }, tools: [weather] }, "response_format"],
  ];
  for (const [what, more, param] of refusals)
    test(`is refused for ${what}`, () => assert.equal(refusal(() => chat(more)).param, param));

  test("is refused without a model, twice with one, and when it is no JSON", () => {
    assert.equal(refusal(() => parseChatRequest(bytes({ messages: [] }))).param, "model");
    assert.match(refusal(() => parseChatRequest(bytes('{"model":"a","model":"b"}'))).message, /twice/);
    assert.match(refusal(() => parseChatRequest(bytes("{"))).message, /not JSON/);
    assert.equal(refusal(() => readRequestedModel(bytes("[]"))).param, "model");
    assert.equal(readRequestedModel(bytes({ model: "ns/m" })), "ns/m");
  });
});

test("a completion request has its prompt as a text or as tokens, and no more than one", () => {
  const parse = (prompt: unknown, more: object = {}) => parseCompletionRequest(bytes({ model: "m", prompt, ...more }));
  assert.deepEqual([parse("a").prompt, parse("a").maxTokens, parse("a", { max_tokens: 3 }).maxTokens], ["a", 16, 3]);
  assert.deepEqual([parse(["a"]).prompt, parse([1, 2]).prompt, parse([[7]]).prompt], ["a", [1, 2], [7]]);
  for (const prompt of [["a", "b"], undefined, {}, [], [-1]]) assert.equal(refusal(() => parse(prompt)).param, "prompt");
  for (const field of ["best_of", "logprobs"]) assert.equal(refusal(() => parse("a", { [field]: 2 })).param, field);
  for (const [field, value] of [
    ["echo", true],
    ["suffix", "x"],
  ] as const)
    assert.equal(refusal(() => parse("a", { [field]: value })).param, field);
});

test("an embedding request has texts and lists of tokens", () => {
  const parse = (input: unknown, more: object = {}) => parseEmbeddingRequest(bytes({ model: "m", input, ...more }));
  assert.deepEqual(parse("a"), { model: "m", inputs: ["a"], encoding: "float" });
  assert.deepEqual(parse(["a", "b"], { encoding_format: "base64", dimensions: 3 }), {
    model: "m",
    inputs: ["a", "b"],
    encoding: "base64",
    dimensions: 3,
  });
  assert.deepEqual([parse([1, 2]).inputs, parse([[1], [2]]).inputs], [[[1, 2]], [[1], [2]]]);
  assert.equal(refusal(() => parse([])).param, "input");
  assert.equal(refusal(() => parse(["a", ""])).param, "input[1]");
  assert.equal(refusal(() => parse("a", { encoding_format: "npy" })).param, "encoding_format");
});
