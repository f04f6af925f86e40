import type { Tool } from "@slipway/protocol";
import { GrammarBuilder, literal } from "../json-schema-grammar.ts";
import { jsonAt } from "./json-at.ts";
import type { ToolStyle } from "./tool-style.ts";

/** A call that a model wrote. */
export interface WrittenCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** A grammar of calls, from behind what a model writes before the first. Throws `badRequest` for schemas that no grammar can keep to. */
export function callGrammar(style: ToolStyle, tools: readonly Tool[], several: boolean): string {
  const builder = new GrammarBuilder();
  const calls = tools.map(({ name, parameters }, index) => {
    const values = builder.schema(
      parameters ?? { type: "object", properties: {}, additionalProperties: false },
      `tools[${index}].function.parameters`,
    );
    const key = (text: string) => `${literal(JSON.stringify(text))} ":" space`;
    return `"{" ${key(style.nameKey)} ${literal(JSON.stringify(name))} "," space ${key(style.argumentsKey)} ${values} "}"`;
  });
  const one = `(${calls.join(" | ")})`;
  const more = several && (style.list || style.between !== undefined);
  const blank = "[ \\n]{0,2}";
  if (style.list) return builder.text(`${blank} "[" ${one}${more ? ` ("," space ${one})*` : ""} "]"`);
  const next = more ? ` (${literal(style.between!)} ${one})*` : "";
  return builder.text(`${blank} ${one}${next}${style.after === "" ? "" : ` ${literal(style.after)}`}`);
}

/** The calls in a text, from behind what a model writes before the first; undefined when it is something else. */
export function readCalls(style: ToolStyle, text: string, tools: readonly Tool[]): readonly WrittenCall[] | undefined {
  const calls: WrittenCall[] = [];
  const marks = [style.between, style.after, style.before].map((mark) => mark?.trim() ?? "").filter((mark) => mark !== "");
  for (let rest = text.trim(); rest !== ""; ) {
    const mark = marks.find((candidate) => rest.startsWith(candidate));
    if (mark !== undefined && calls.length > 0) {
      rest = rest.slice(mark.length).trimStart();
      continue;
    }
    const found = jsonAt(rest, 0);
    if (found === undefined || (style.list && !Array.isArray(found.value))) return undefined;
    for (const value of style.list ? (found.value as unknown[]) : [found.value]) {
      const call = readCall(style, value, tools);
      if (call === undefined) return undefined;
      calls.push(call);
    }
    rest = rest.slice(found.end).trimStart();
  }
  return calls.length === 0 ? undefined : calls;
}

function readCall({ nameKey, argumentsKey }: ToolStyle, value: unknown, tools: readonly Tool[]): WrittenCall | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { [nameKey]: name, [argumentsKey]: given } = value as Record<string, unknown>;
  if (typeof given !== "object" || given === null || !tools.some((tool) => tool.name === name)) return undefined;
  return { name: name as string, arguments: JSON.stringify(given) };
}
