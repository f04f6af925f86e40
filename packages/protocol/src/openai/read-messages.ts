import { quoted, shown } from "../oip/json-object.ts";
import { Fields, refused, type Unsupported } from "./openai-fields.ts";
import type { ChatMessage, ToolCall } from "./openai-requests.ts";

const mostMessages = 4096;
const mostParts = 1024;
const mostCalls = 128;

const unsupported: Readonly<Record<string, Unsupported>> = {
  // Clients hand a message of an answer back with all of its fields.
  refusal: { hint: "Put the text into content." },
  annotations: { harmless: [[]], hint: "Leave it out." },
  audio: { hint: "This model reads text." },
  function_call: { hint: 'Use "tool_calls".' },
  reasoning_content: { hint: "Leave it out." },
};

/** The messages of a chat. Throws `badRequest`; whatever is not text, such as a picture by its URL, is refused and never fetched. */
export function readMessages(fields: Fields): ChatMessage[] {
  const list = fields.list("messages", mostMessages);
  if (list === undefined || list.length === 0) return fields.wrong("messages", "a list of at least one message");
  return list.map((value, index) => readMessage(value, `messages[${index}]`));
}

function readMessage(value: unknown, place: string): ChatMessage {
  const fields = new Fields(value, place, ["role", "content", "name", "tool_calls", "tool_call_id"], unsupported);
  const role = fields.oneOf("role", "system", "developer", "user", "assistant", "tool") ?? fields.wrong("role", "there");
  const content = readContent(fields);
  const name = fields.text("name");
  const toolCalls = readToolCalls(fields);
  const toolCallId = fields.text("tool_call_id");
  if (toolCalls !== undefined && role !== "assistant")
    throw refused(fields.path("tool_calls"), `${quoted(fields.path("tool_calls"))} is for messages of the assistant only.`);
  if ((toolCallId !== undefined) !== (role === "tool"))
    throw refused(fields.path("tool_call_id"), `${place} must have "tool_call_id" exactly when its role is "tool".`);
  if (content === undefined && toolCalls === undefined) return fields.wrong("content", "a text, or a list of parts of type text");
  return {
    // The same but for the name, since OpenAI's later models.
    role: role === "developer" ? "system" : role,
    content,
    ...(name === undefined ? {} : { name }),
    ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(toolCallId === undefined ? {} : { toolCallId }),
  };
}

function readContent(fields: Fields): string | undefined {
  const value = fields.get("content");
  if (value === undefined || typeof value === "string") return value;
  const parts = fields.list("content", mostParts) ?? [];
  return parts.map((part, index) => readPart(part, `${fields.path("content")}[${index}]`)).join("");
}

function readPart(value: unknown, place: string): string {
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  if (type !== "text") {
    throw refused(
      place,
      `${place} must be of type "text", not ${shown(type)}.`,
      "This model reads text; nothing is fetched from a URL.",
    );
  }
  return new Fields(value, place, ["type", "text"]).needText("text");
}

function readToolCalls(fields: Fields): ToolCall[] | undefined {
  const list = fields.list("tool_calls", mostCalls);
  if (list === undefined || list.length === 0) return undefined;
  return list.map((value, index) => {
    const call = new Fields(value, `${fields.path("tool_calls")}[${index}]`, ["id", "type", "function"]);
    call.oneOf("type", "function");
    const inner = new Fields(call.get("function"), call.path("function"), ["name", "arguments"]);
    const text = inner.needText("arguments");
    if (!isJson(text)) return inner.wrong("arguments", "a string that holds JSON");
    return { id: call.needText("id"), name: inner.needText("name"), arguments: text };
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
