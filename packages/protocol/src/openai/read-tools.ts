import { type JsonObject, quoted } from "../oip/json-object.ts";
import { Fields, refused } from "./openai-fields.ts";
import type { AnswerFormat, Tool, ToolChoice } from "./openai-requests.ts";

const mostTools = 128;
/** OpenAI's rule for names of functions and schemas. */
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** The tools of a request. Throws `badRequest`. */
export function readTools(fields: Fields): Tool[] {
  const tools = (fields.list("tools", mostTools) ?? []).map((value, index): Tool => {
    const tool = new Fields(value, `tools[${index}]`, ["type", "function"]);
    if (tool.oneOf("type", "function") === undefined) return tool.wrong("type", `"function"`);
    const inner = new Fields(tool.get("function"), tool.path("function"), ["name", "description", "parameters", "strict"]);
    // Arguments always keep to the schema here, so `strict` asks for nothing more.
    inner.flag("strict");
    const description = inner.text("description");
    const parameters = schemaOf(inner, "parameters");
    return {
      name: nameOf(inner),
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
    };
  });
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused("tools", `"tools" has ${quoted(twice)} twice.`);
  return tools;
}

/** Which of the tools may or must be called. Throws `badRequest`. */
export function readToolChoice(fields: Fields, tools: readonly Tool[]): ToolChoice {
  const value = fields.get("tool_choice");
  if (value === undefined) return tools.length === 0 ? "none" : "auto";
  const choice = typeof value === "string" ? fields.oneOf("tool_choice", "none", "auto", "required")! : namedChoice(value);
  if (choice === "none") return choice;
  if (tools.length === 0) throw refused("tool_choice", `"tool_choice" asks for a call, but there are no "tools".`);
  if (typeof choice === "object" && !tools.some(({ name }) => name === choice.name))
    throw refused("tool_choice", `"tool_choice" names ${quoted(choice.name)}, which is none of the "tools".`);
  return choice;
}

/** What the answer must look like. Throws `badRequest`. */
export function readAnswerFormat(fields: Fields): AnswerFormat {
  const value = fields.get("response_format");
  if (value === undefined) return { type: "text" };
  const format = new Fields(value, "response_format", ["type", "json_schema"]);
  const type = format.oneOf("type", "text", "json_object", "json_schema") ?? format.wrong("type", "there");
  if (type !== "json_schema") {
    if (format.get("json_schema") !== undefined)
      throw refused("response_format", `"response_format.json_schema" needs "type": "json_schema".`);
    return type === "text" ? { type } : { type: "json" };
  }
  const inner = new Fields(format.get("json_schema"), "response_format.json_schema", ["name", "description", "schema", "strict"]);
  nameOf(inner);
  inner.text("description");
  inner.flag("strict");
  const schema = schemaOf(inner, "schema");
  return { type: "json", ...(schema === undefined ? {} : { schema }) };
}

function namedChoice(value: unknown): { readonly name: string } {
  const choice = new Fields(value, "tool_choice", ["type", "function"]);
  if (choice.oneOf("type", "function") === undefined) return choice.wrong("type", `"function"`);
  return { name: new Fields(choice.get("function"), "tool_choice.function", ["name"]).needText("name") };
}

function nameOf(fields: Fields): string {
  const name = fields.needText("name");
  return namePattern.test(name) ? name : fields.wrong("name", "1 to 64 letters, digits, underscores and dashes");
}

function schemaOf(fields: Fields, name: string): JsonObject | undefined {
  const value = fields.get(name);
  if (value === undefined || (typeof value === "object" && !Array.isArray(value))) return value as JsonObject | undefined;
  return fields.wrong(name, "a JSON Schema, which is an object");
}
