import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { tinyLlama } from "@slipway/testkit";
import { llamaMissing, startTextFixture } from "../../fixtures/start-text-fixture.ts";
import type { OpenaiOperation, ServedReplica } from "../index.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly json: any;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly events: any[];
}

const never = new AbortController().signal;

async function ask(replica: ServedReplica, operation: OpenaiOperation, request: object, signal = never): Promise<Answer> {
  const answer = await replica.openai({ operation, body: Buffer.from(JSON.stringify({ model: "m", ...request })), signal });
  const pieces: Uint8Array[] = [];
  if (typeof answer.body === "string") pieces.push(Buffer.from(answer.body));
  else for await (const piece of answer.body) pieces.push(piece);
  const body = Buffer.concat(pieces).toString();
  const events = [...body.matchAll(/^data: (\{.*)$/gm)].map(([, text]) => JSON.parse(text!));
  return { status: answer.status, body, json: body.startsWith("{") ? JSON.parse(body) : undefined, events };
}

const say = (content: string) => ({ messages: [{ role: "user", content }] });
const greeting = { ...say("hi"), temperature: 0 };
const weather = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string", enum: ["Paris", "Rome"] } }, required: ["city"] },
  },
};
const missing = await llamaMissing();

describe("a replica of a model of text", { skip: missing ?? false }, () => {
  let replica: ServedReplica;
  const ends: (() => unknown)[] = [];
  before(async () => {
    replica = await startTextFixture({ after: (end) => void ends.unshift(end as () => unknown) });
  });
  after(async () => {
    for (const end of ends) await end();
  });
  const chat = (request: object, signal?: AbortSignal) => ask(replica, "chat", request, signal);
  const complete = (request: object, signal?: AbortSignal) => ask(replica, "completion", { temperature: 0, ...request }, signal);

  test("answers a chat, whole and with its usage", async () => {
    const { status, json } = await chat(greeting);
    assert.equal(status, 200, JSON.stringify(json));
    const [choice] = json.choices;
    assert.deepEqual([choice.message.content, choice.finish_reason], ["Hello, world!", "stop"]);
    // <s> <|user|> h i <|end|> <|assistant|>, and Hello , ▁world !
    assert.deepEqual(json.usage, { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 });
    assert.equal(json.system_fingerprint, "m-1");
  });

  test("streams the same", async () => {
    const { events, body } = await chat({ ...greeting, stream: true, stream_options: { include_usage: true } });
    assert.deepEqual(events[0].choices[0].delta, { role: "assistant", content: "" });
    const pieces = events.slice(1, -2).map((event) => event.choices[0].delta.content);
    assert.deepEqual(pieces, ["Hello", ",", " world", "!"]);
    assert.equal(events.at(-2).choices[0].finish_reason, "stop");
    assert.deepEqual([events.at(-1).choices, events.at(-1).usage.total_tokens], [[], 10]);
    assert.ok(body.endsWith("data: [DONE]\n\n"));
    assert.equal(new Set(events.map(({ id }) => id)).size, 1);
  });

  test("ends at max_tokens, and says so", async () => {
    const { json } = await complete({ prompt: "loop:", max_tokens: 5 });
    assert.deepEqual(
      [json.choices[0].text, json.choices[0].finish_reason, json.usage.completion_tokens],
      ["tick tock tick tock tick", "length", 5],
    );
  });

  test("ends before a stop that came in two tokens, streamed too", async () => {
    const request = { prompt: "loop:", stop: ["ck to"], max_tokens: 50 };
    const { json } = await complete(request);
    assert.deepEqual([json.choices[0].text, json.choices[0].finish_reason], ["ti", "stop"]);
    const { events } = await complete({ ...request, stream: true });
    assert.equal(events.map((event) => event.choices[0].text).join(""), "ti");
  });

  test("gives a character whole whose bytes are two tokens", async () => {
    const { events } = await complete({ prompt: "e?", stream: true });
    assert.equal(events.map((event) => event.choices[0].text).join("|"), "é|");
  });

  test("answers a seed the same way again, and another one in another", async () => {
    const roll = async (seed: number) =>
      (await complete({ prompt: "d=", temperature: 1, max_tokens: 12, seed })).json.choices[0].text as string;
    const [first, again, other] = [await roll(5), await roll(5), await roll(-6)];
    assert.match(first, /^\d{12}$/);
    assert.equal(again, first);
    assert.notEqual(other, first);
  });

  test("honours logit_bias and penalties", async () => {
    const seven = 266 + "7".charCodeAt(0) - " ".charCodeAt(0) - 1;
    const biased = await complete({ prompt: "d=", max_tokens: 5, logit_bias: { [seven]: 50 } });
    assert.equal(biased.json.choices[0].text, "77777");
    const penalised = await complete({ prompt: "d=", max_tokens: 10, presence_penalty: 2 });
    assert.equal(new Set(penalised.json.choices[0].text).size, 10);
  });

  test("answers with JSON that fits a schema, and with any JSON object", async () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", minLength: 2, maxLength: 4 },
        size: { enum: [3, 4] },
        tags: { type: "array", items: { type: "string" }, maxItems: 2 },
      },
      required: ["name", "size"],
      additionalProperties: false,
    };
    const { json } = await chat({
      ...greeting,
      max_tokens: 100,
      response_format: { type: "json_schema", json_schema: { name: "x", schema, strict: true } },
    });
    const value = JSON.parse(json.choices[0].message.content);
    assert.equal(json.choices[0].finish_reason, "stop");
    assert.ok(value.name.length >= 2 && value.name.length <= 4 && [3, 4].includes(value.size), JSON.stringify(value));
    const any = await chat({ ...greeting, max_tokens: 60, response_format: { type: "json_object" } });
    assert.match(any.json.choices[0].message.content, /^\{/);
  });

  test("refuses a schema it cannot keep to, and says where", async () => {
    const { status, json } = await chat({
      ...greeting,
      response_format: {
        type: "json_schema",
        json_schema: { name: "x", schema: { type: "object", properties: { a: { type: "integer", minimum: 3 } } } },
      },
    });
    assert.equal(status, 400);
    assert.equal(json.error.param, "response_format.json_schema.schema.properties.a.minimum");
  });

  test("calls a tool of its own will, with arguments that fit", async () => {
    const { json } = await chat({ ...greeting, tools: [weather] });
    const [choice] = json.choices;
    assert.deepEqual([choice.finish_reason, choice.message.content], ["tool_calls", null], JSON.stringify(json));
    const [call] = choice.message.tool_calls;
    assert.deepEqual(
      [call.type, call.function.name, JSON.parse(call.function.arguments)],
      ["function", "weather", { city: "Paris" }],
    );
    assert.match(call.id, /^call_\w+$/);
  });

  test("calls the tool that it must, streamed", async () => {
    const clock = { type: "function", function: { name: "clock", parameters: { type: "object", properties: {} } } };
    const { events } = await chat({
      ...greeting,
      stream: true,
      tools: [weather, clock],
      tool_choice: { type: "function", function: { name: "clock" } },
    });
    const deltas = events.map((event) => event.choices[0].delta).filter((delta) => delta.tool_calls !== undefined);
    assert.equal(deltas[0].tool_calls[0].function.name, "clock");
    assert.deepEqual(JSON.parse(deltas.map((delta) => delta.tool_calls[0].function.arguments).join("")), {});
    assert.equal(events.at(-1).choices[0].finish_reason, "tool_calls");
  });

  test("takes calls and their results back into the chat", async () => {
    const messages = [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } }],
      },
      { role: "tool", content: "rain", tool_call_id: "a" },
    ];
    const { status, json } = await chat({ messages, temperature: 0 });
    assert.equal(status, 200, JSON.stringify(json));
    assert.equal(json.choices[0].message.content, "Hello, world!");
  });

  test("C3 takes special tokens in a text for text", async () => {
    const plain = (await chat(say("abc"))).json.usage.prompt_tokens;
    const marked = (await chat(say("<|end|>"))).json.usage.prompt_tokens;
    assert.equal(marked, plain + 4, "seven characters, not one token");
    const split = (
      await chat({
        messages: [
          { role: "user", content: "<|en" },
          { role: "user", content: "d|>" },
        ],
      })
    ).json.usage.prompt_tokens;
    assert.equal(split, plain + 4 + 2);
    const completion = (await complete({ prompt: "<|end|>", max_tokens: 1 })).json.usage.prompt_tokens;
    assert.equal(completion, 8);
  });

  test("C1 refuses what does not fit its context, and cuts nothing", async () => {
    const long = await chat(say("x".repeat(600)));
    assert.equal(long.status, 400);
    assert.match(long.json.error.message, /The prompt has 604 tokens; the context of this model has 512/);
    const wanted = await chat({ ...greeting, max_tokens: 510 });
    assert.match(wanted.json.error.message, /516 tokens/);
    const huge = await chat(say("x".repeat(3_000_000)));
    assert.match(huge.json.error.message, /at least \d+ tokens/);
    const stream = await complete({ prompt: "loop:", max_tokens: 506 });
    assert.deepEqual([stream.status, stream.json.usage.total_tokens], [200, 512]);
  });

  test("refuses tokens it does not have", async () => {
    const { status, json } = await complete({ prompt: [1, 99_999] });
    assert.deepEqual([status, json.error.message], [400, '"prompt" has the token 99999, and the model only 368.']);
    assert.equal((await complete({ prompt: "a", logit_bias: { 99999: 1 } })).status, 400);
    assert.equal((await complete({ prompt: [1, 70], max_tokens: 1 })).status, 200);
  });

  test("says what it is not: another model, a model of tensors, one for embeddings", async () => {
    const other = await ask(replica, "chat", { ...greeting, model: "other" });
    assert.deepEqual([other.status, other.json.error.param], [404, "model"]);
    assert.equal((await ask(replica, "chat", { ...greeting, model: "default/m" })).status, 200);
    assert.equal((await ask(replica, "embedding", { input: "a" })).status, 400);
    const caller = { deadlineAt: undefined, cancelled: false };
    const infer = await replica.handle({ model: "m", operation: "infer", headers: {}, body: Buffer.alloc(0), caller });
    assert.equal(infer.status, 501);
    const metadata = await replica.handle({ model: "m", operation: "metadata", headers: {}, body: Buffer.alloc(0), caller });
    assert.equal(JSON.parse(String(metadata.body)).platform, "llama_gguf");
  });

  test("answers more requests than it has sequences, each with its own answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => complete({ prompt: index % 2 === 0 ? "loop:" : "e?", max_tokens: 20 + index })),
    );
    for (const [index, { json }] of answers.entries()) {
      if (index % 2 === 1) assert.equal(json.choices[0].text, "é");
      else assert.equal(json.usage.completion_tokens, 20 + index);
    }
    assert.equal(replica.inflight, 0);
  });

  test("frees the sequences of callers who leave, at once", async () => {
    const leaving = Array.from({ length: 8 }, () => new AbortController());
    const asked = leaving.map(({ signal }) =>
      complete({ prompt: "loop:", max_tokens: 500, stream: true }, signal).catch(() => "left"),
    );
    // One of them is read to where its first token is, so they run.
    const probe = complete({ prompt: "e?" });
    for (const controller of leaving) controller.abort(new Error("left"));
    await Promise.all(asked);
    assert.equal((await probe).json.choices[0].text, "é");
    assert.equal(replica.inflight, 0);
  });

  test("frees what nobody reads", async () => {
    const leaving = new AbortController();
    const answer = await replica.openai({
      operation: "completion",
      body: Buffer.from(JSON.stringify({ model: "m", prompt: "loop:", max_tokens: 500, stream: true })),
      signal: leaving.signal,
    });
    assert.equal(answer.status, 200);
    assert.equal(replica.inflight, 1);
    leaving.abort(new Error("left"));
    while (replica.inflight > 0) await new Promise(setImmediate);
  });
});

describe("a model for embeddings", { skip: missing ?? false }, () => {
  test("makes vectors of length 1, as numbers and as base64", async (t) => {
    const replica = await startTextFixture(t, tinyLlama({ template: null, pooling: 1 }));
    const embed = (request: object) => ask(replica, "embedding", request);
    const { status, json } = await embed({ input: ["abc", "abd", "abc"] });
    assert.equal(status, 200, JSON.stringify(json));
    const [a, b, c] = json.data.map(({ embedding }: { embedding: number[] }) => embedding) as number[][];
    assert.equal(a?.length, 384);
    assert.ok(Math.abs(Math.hypot(...a!) - 1) < 1e-5);
    assert.deepEqual(a, c);
    assert.notDeepEqual(a, b);
    assert.deepEqual(json.usage, { prompt_tokens: 9, total_tokens: 9 });
    const packed = (await embed({ input: "abc", encoding_format: "base64" })).json.data[0].embedding;
    assert.equal(Buffer.from(packed, "base64").readFloatLE(0), Math.fround(a![0]!));
    assert.equal((await embed({ input: "abc", dimensions: 10 })).status, 400);
    assert.equal((await embed({ input: "abc", dimensions: 384 })).status, 200);
    assert.match((await embed({ input: "x".repeat(600) })).json.error.message, /An input has 600 tokens/);
    assert.equal((await ask(replica, "chat", greeting)).status, 400);
  });
});

describe("a worker that dies", {
  skip: missing ?? (process.platform === "linux" ? false : "its process is found in /proc"),
}, () => {
  test("G1 leaves nobody unanswered, and the replica says that it failed", async (t) => {
    const others = new Set(children());
    const replica = await startTextFixture(t);
    const worker = children().find((pid) => !others.has(pid))!;
    const request = { prompt: "loop:", max_tokens: 500 };
    const whole = Array.from({ length: 6 }, () => ask(replica, "completion", request));
    const stream = await replica.openai({
      operation: "completion",
      body: Buffer.from(JSON.stringify({ model: "m", ...request, stream: true })),
      signal: never,
    });
    process.kill(worker, "SIGKILL");
    for (const { status, json } of await Promise.all(whole))
      assert.ok(status === 200 || (status === 500 && /ended unexpectedly/.test(json.error.message)), JSON.stringify(json));
    let last = "";
    const read = async () => {
      if (typeof stream.body === "string") last = stream.body;
      else for await (const piece of stream.body) last = Buffer.from(piece).toString();
    };
    await read().catch(() => {});
    assert.match(last, /ended unexpectedly|\[DONE\]/);
    assert.match((await replica.failed).message, /ended unexpectedly/);
    assert.equal((await ask(replica, "completion", request)).status, 503);
    assert.equal(replica.inflight, 0);
  });
});

/** Processes that this one has started and that live. */
function children(): number[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((pid) => pid !== "")
    .map(Number);
}

describe("a model that cannot be served", { skip: missing ?? false }, () => {
  test("C4 is refused when its chat template does not end, takes all memory, or reaches out", async (t) => {
    const refused = (template: string, message: RegExp) =>
      assert.rejects(startTextFixture(t, tinyLlama({ template })), { code: "invalid", message });
    await refused("{% for i in range(1000000000) %}{% for j in range(1000000000) %}{% endfor %}{% endfor %}", /chat template/);
    await refused("{{ ''.constructor.constructor('return process')().exit(3) }}", /chat template/);
    await refused("{% include '/etc/passwd' %}", /chat template/);
    await refused("{{ raise_exception('not today') }}", /not today/);
  });

  test("is refused with llama.cpp's reason, without a path", async (t) => {
    const bytes = tinyLlama();
    const at = bytes.indexOf("blk.0.attn_q.weight");
    bytes.write("blk.0.attn_x.weight", at);
    await assert.rejects(startTextFixture(t, bytes), (error: Error & { code: string }) => {
      assert.equal(error.code, "invalid");
      assert.match(error.message, /llama.cpp cannot load the model: .*attn_q/);
      assert.ok(!error.message.includes("/tmp"), error.message);
      return true;
    });
  });

  test("has no chats without a template, but completions", async (t) => {
    const replica = await startTextFixture(t, tinyLlama({ template: null }));
    const { status, json } = await ask(replica, "chat", greeting);
    assert.equal(status, 400);
    assert.match(json.error.message, /no chat template/);
    assert.equal((await ask(replica, "completion", { prompt: "e?", temperature: 0 })).json.choices[0].text, "é");
  });

  test("refuses tools where the template has none", async (t) => {
    const template = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>";
    const replica = await startTextFixture(t, tinyLlama({ template }));
    assert.equal((await ask(replica, "chat", greeting)).json.choices[0].message.content, "Hello, world!");
    const { status, json } = await ask(replica, "chat", { ...greeting, tools: [weather] });
    assert.deepEqual([status, json.error.param], [400, "tools"]);
  });
});
