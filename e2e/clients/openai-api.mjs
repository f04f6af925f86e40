// The official OpenAI client for Node.js, as its users have it: MODULES ADDRESS MODEL.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, address, model] = process.argv.slice(2);
const { OpenAI, BadRequestError, NotFoundError } = await import(pathToFileURL(join(modules, "openai", "index.mjs")).href);
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: "nothing", maxRetries: 0 });
const messages = [{ role: "user", content: "hi" }];
const city = { type: "object", properties: { city: { type: "string", enum: ["Paris", "Rome"] } }, required: ["city"] };
const weather = { type: "function", function: { name: "weather", parameters: city } };

const checks = {
  async "models are listed and found"() {
    const listed = [];
    for await (const item of client.models.list()) listed.push(item.id);
    assert.ok(listed.includes(model));
    assert.equal((await client.models.retrieve(model)).id, model);
  },
  async "a chat is answered, whole and in a stream"() {
    const answer = await client.chat.completions.create({ model, messages, temperature: 0 });
    assert.equal(answer.choices[0].message.content, "Hello, world!");
    const stream = await client.chat.completions.create({ model, messages, temperature: 0, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    assert.equal(text, "Hello, world!");
  },
  async "the stream's helper puts it together"() {
    const stream = client.chat.completions.stream({ model, messages, temperature: 0, stream_options: { include_usage: true } });
    assert.equal(await stream.finalContent(), "Hello, world!");
    assert.equal((await stream.totalUsage()).total_tokens, 10);
  },
  async "a tool is called"() {
    const request = { model, messages, tools: [weather], tool_choice: "required", temperature: 0 };
    const answer = await client.chat.completions.create(request);
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    assert.ok(["Paris", "Rome"].includes(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments).city));
  },
  async "JSON fits its schema"() {
    const response_format = { type: "json_schema", json_schema: { name: "place", strict: true, schema: city } };
    const answer = await client.chat.completions.create({ model, messages, temperature: 0, response_format });
    assert.ok(["Paris", "Rome"].includes(JSON.parse(answer.choices[0].message.content).city));
  },
  async "errors are told apart"() {
    await assert.rejects(client.chat.completions.create({ model: "other", messages }), NotFoundError);
    await assert.rejects(client.chat.completions.create({ model, messages, n: 2 }), (error) => {
      assert.ok(error instanceof BadRequestError);
      assert.equal(error.param, "n");
      return true;
    });
  },
  async "a stream can be left"() {
    const stream = await client.completions.create({ model, prompt: "loop:", max_tokens: 400, stream: true });
    for await (const _ of stream) break;
    assert.equal((await client.completions.create({ model, prompt: "e?", temperature: 0 })).choices[0].text, "é");
  },
};

for (const [check, run] of Object.entries(checks)) {
  const report = { check };
  try {
    await run();
  } catch (error) {
    report.error = String(error);
    report.trace = error.stack;
  }
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
