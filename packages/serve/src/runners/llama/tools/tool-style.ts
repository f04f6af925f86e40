import { isDeepStrictEqual } from "node:util";
import type { ChatMessage, Tool } from "@slipway/protocol";
import { jsonAt } from "./json-at.ts";

/** How a model writes calls of tools, as its chat template shows it: `before` the first, `between` them, and `after` the last. */
export interface ToolStyle {
  readonly before: string;
  /** Undefined where a template knows of one call only. */
  readonly between: string | undefined;
  readonly after: string;
  /** Whether the calls are one list. */
  readonly list: boolean;
  readonly nameKey: string;
  readonly argumentsKey: string;
}

/** A chat as a template gets it. */
export interface TemplateInput {
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly Tool[];
  /** Whether the beginning of the assistant's turn comes at the end. */
  readonly answer: boolean;
}

const probe = { name: "probe_of_slipway", argument: "key_of_slipway", value: "value of slipway" };
const tools: readonly Tool[] = [
  {
    name: probe.name,
    description: "A probe.",
    parameters: { type: "object", properties: { [probe.argument]: { type: "string" } } },
  },
];
const asked: ChatMessage = { role: "user", content: "Call it." };

/** Finds a model's style by having its template write a made-up call. Undefined when there are no tools in the template, or calls that are no JSON. */
export async function probeToolStyle(render: (input: TemplateInput) => Promise<string>): Promise<ToolStyle | undefined> {
  const turn = (calls: number) =>
    render({
      messages: [asked, { role: "assistant", content: undefined, toolCalls: Array.from({ length: calls }, call) }],
      tools,
      answer: false,
    });
  try {
    const [without, prompt, one] = await Promise.all([
      render({ messages: [asked], tools: [], answer: true }),
      render({ messages: [asked], tools, answer: true }),
      turn(1),
    ]);
    if (!prompt.includes(probe.name) || without.includes(probe.name)) return undefined;
    const two = await turn(2).catch(() => undefined);
    return readStyle(afterCommon(one, prompt), two === undefined ? undefined : afterCommon(two, prompt));
  } catch {
    // A template that cannot write a call has none.
    return undefined;
  }
}

function call(_: unknown, index: number) {
  return { id: `probe0000${index}`, name: probe.name, arguments: JSON.stringify({ [probe.argument]: probe.value }) };
}

function readStyle(one: string, two: string | undefined): ToolStyle | undefined {
  const found = findCall(one, 0);
  if (found === undefined) return undefined;
  const keys = keysOf(Array.isArray(found.value) ? found.value[0] : found.value);
  if (keys === undefined) return undefined;
  const style = { before: one.slice(0, found.start), list: Array.isArray(found.value), ...keys };
  if (style.list) return { ...style, between: "", after: "" };
  const rest = one.slice(found.end);
  const second = two === undefined ? undefined : findCall(two, found.end);
  if (two === undefined || second === undefined) return { ...style, between: undefined, after: "" };
  const between = two.slice(found.end, second.start);
  return { ...style, between, after: between.slice(0, between.length - afterCommon(between, rest).length) };
}

/** The JSON that a made-up call became. */
function findCall(text: string, from: number) {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] !== "{" && text[at] !== "[") continue;
    const found = jsonAt(text, at);
    if (found !== undefined && JSON.stringify(found.value).includes(probe.name)) return { ...found, start: at };
  }
  return undefined;
}

function keysOf(value: unknown): Pick<ToolStyle, "nameKey" | "argumentsKey"> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(value);
  const nameKey = entries.find(([, item]) => item === probe.name)?.[0];
  const argumentsKey = entries.find(([, item]) => isDeepStrictEqual(item, { [probe.argument]: probe.value }))?.[0];
  return nameKey === undefined || argumentsKey === undefined ? undefined : { nameKey, argumentsKey };
}

/** What of a text comes after the beginning that it shares with another. */
function afterCommon(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return text.slice(at);
}
