import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ChatMessage } from "@slipway/protocol";
import { callGrammar, readCalls } from "./tool-calls.ts";
import { probeToolStyle, type TemplateInput } from "./tool-style.ts";

type Write = (calls: readonly { name: string; arguments: unknown }[]) => string;

/** A template as models have them, that writes calls like this. */
function template(write: Write, { single = false } = {}) {
  return async ({ messages, tools, answer }: TemplateInput): Promise<string> => {
    const turn = ({ role, content = "", toolCalls = [] }: ChatMessage) => {
      if (single && toolCalls.length > 1) throw new Error("This model only supports single tool-calls at once!");
      const calls = toolCalls.map((call) => ({ name: call.name, arguments: JSON.parse(call.arguments) }));
      return `<|im_start|>${role}\n${content}${calls.length > 0 ? write(calls) : ""}<|im_end|>\n`;
    };
    return `${tools.map((tool) => JSON.stringify(tool)).join("")}${messages.map(turn).join("")}${answer ? "<|im_start|>assistant\n" : ""}`;
  };
}

const each =
  (before: string, after: string, between = ""): Write =>
  (calls) =>
    calls.map((call) => before + JSON.stringify(call) + after).join(between);
const tools = [{ name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }, { name: "clock" }];

describe("how a model writes calls", () => {
  test("is read off Qwen's and Hermes' template", async () => {
    const style = await probeToolStyle(template(each("<tool_call>\n", "\n</tool_call>", "\n")));
    assert.deepEqual(style, {
      before: "<tool_call>\n",
      between: "\n</tool_call>\n<tool_call>\n",
      after: "\n</tool_call>",
      list: false,
      nameKey: "name",
      argumentsKey: "arguments",
    });
    const text =
      '\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>\n<tool_call>\n{"name":"clock","arguments":{}}\n</tool_call>';
    assert.deepEqual(readCalls(style!, text, tools), [
      { name: "weather", arguments: '{"city":"Rome"}' },
      { name: "clock", arguments: "{}" },
    ]);
  });

  test("is read off Mistral's, a list", async () => {
    const style = await probeToolStyle(template((calls) => `[TOOL_CALLS] ${JSON.stringify(calls)}`));
    assert.deepEqual([style?.before, style?.list], ["[TOOL_CALLS] ", true]);
    assert.deepEqual(readCalls(style!, ' [{"name":"clock","arguments":{}},{"name":"clock","arguments":{}}]', tools)?.length, 2);
  });

  test("is read off Llama's, one call with other names and no mark", async () => {
    const write: Write = ([call]) => JSON.stringify({ name: call!.name, parameters: call!.arguments });
    const style = await probeToolStyle(template(write, { single: true }));
    assert.deepEqual([style?.before, style?.between, style?.argumentsKey], ["", undefined, "parameters"]);
    assert.ok(!callGrammar(style!, tools, true).split("\n")[0]!.includes("*"), "one call only");
  });

  test("is none where the template knows no tools, or writes no JSON", async () => {
    const plain = async ({ messages }: TemplateInput) => messages.map(({ content }) => content).join("\n");
    assert.equal(await probeToolStyle(plain), undefined);
    assert.equal(await probeToolStyle(template(([call]) => `<function=${call!.name}><parameter=x>1</parameter>`)), undefined);
    assert.equal(await probeToolStyle(async () => Promise.reject(new Error("no"))), undefined);
  });
});

test("what is no call, or of no tool, is text", async () => {
  const style = (await probeToolStyle(template(each("<tool_call>", "</tool_call>"))))!;
  for (const text of [
    "",
    "hello",
    '{"name":"other","arguments":{}}',
    '{"name":"clock"}',
    '{"name":"clock","arguments":{}} and more',
    '{"name":"clo',
  ])
    assert.equal(readCalls(style, text, tools), undefined, text);
});
