import { randomUUID } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import type { AnswerFormat, AnswerPiece, ChatRequest, Tool } from "@slipway/protocol";
import type { TextRequest } from "../text-runner.ts";
import { jsonObjectGrammar, jsonSchemaGrammar } from "./json-schema-grammar.ts";
import type { LlamaJob } from "./llama-messages.ts";
import { StopScanner } from "./text/stop-scanner.ts";
import { callGrammar, readCalls } from "./tools/tool-calls.ts";
import type { ToolStyle } from "./tools/tool-style.ts";

/** Makes what a client sees of what a model writes. */
export interface AnswerReader {
  push(text: string): readonly AnswerPiece[];
  /** What is left at the end, and whether the answer has calls. */
  end(): { readonly pieces: readonly AnswerPiece[]; readonly called: boolean };
}

/** A job for the worker, and how to read what comes of it. */
export interface PlannedJob {
  readonly job: LlamaJob;
  readonly reader: AnswerReader;
}

const plainReader: AnswerReader = {
  push: (text) => [{ text }],
  end: () => ({ pieces: [], called: false }),
};

/** What the worker is to do for a request. `style` is how the model writes calls, if it does. Throws `badRequest` for what it cannot do. */
export function planJob(request: TextRequest, style: ToolStyle | undefined): PlannedJob {
  const { sampling, stop, maxTokens } = "chat" in request ? request.chat : request.completion;
  const common = { sampling, stop, ...(maxTokens === undefined ? {} : { maxTokens }) };
  if ("completion" in request)
    return { job: { ...common, prompt: { input: request.completion.prompt }, special: false }, reader: plainReader };
  const { chat } = request;
  if (chat.toolChoice !== "none") return planCalls(chat, common, style);
  const grammar = formatGrammar(chat.format);
  const prompt = { messages: chat.messages, tools: [] };
  return { job: { ...common, prompt, special: false, ...(grammar === undefined ? {} : { grammar }) }, reader: plainReader };
}

function formatGrammar(format: AnswerFormat): string | undefined {
  if (format.type === "text") return undefined;
  return format.schema === undefined
    ? jsonObjectGrammar()
    : jsonSchemaGrammar(format.schema, "response_format.json_schema.schema");
}

function planCalls(
  { messages, tools, toolChoice, parallelToolCalls }: ChatRequest,
  common: Pick<LlamaJob, "sampling" | "stop" | "maxTokens">,
  style: ToolStyle | undefined,
): PlannedJob {
  if (style === undefined)
    throw new SlipwayError("badRequest", "The chat template of this model has no calls of tools that could be read.", {
      hint: "Leave tools out, or use a model that was made for them.",
      problems: [{ path: "tools", message: "not supported by this model", reason: "FieldValueNotSupported" }],
    });
  const callable = typeof toolChoice === "object" ? tools.filter(({ name }) => name === toolChoice.name) : tools;
  const grammar = callGrammar(style, callable, parallelToolCalls && typeof toolChoice !== "object");
  const job = { ...common, prompt: { messages, tools }, special: true };
  if (toolChoice !== "auto")
    return { job: { ...job, prefill: style.before.trimEnd(), grammar }, reader: new CallReader(style, callable, "begun") };
  const after = style.before.trim();
  // Without a mark nothing says that a call begins, and so nothing keeps it to its schema.
  if (after === "") return { job, reader: new CallReader(style, callable, "unmarked") };
  return { job: { ...job, later: { after, grammar } }, reader: new CallReader(style, callable, "marked") };
}

/** Reads calls out of what a model writes. Text is passed on as it comes; what may be a call is held back until its end. */
class CallReader implements AnswerReader {
  private readonly style: ToolStyle;
  private readonly tools: readonly Tool[];
  private readonly scanner: StopScanner;
  private held: string | undefined;
  private readonly unmarked: boolean;
  private begun = false;

  constructor(style: ToolStyle, tools: readonly Tool[], begins: "begun" | "marked" | "unmarked") {
    this.style = style;
    this.tools = tools;
    this.scanner = new StopScanner(begins === "marked" ? [style.before.trim()] : []);
    this.held = begins === "begun" ? "" : undefined;
    this.unmarked = begins === "unmarked";
  }

  push(text: string): readonly AnswerPiece[] {
    if (this.held !== undefined) {
      this.held += text;
      return [];
    }
    if (this.unmarked && !this.begun && /^\s*[{[]/.test(text)) {
      this.held = text;
      return [];
    }
    if (text.trim() !== "") this.begun = true;
    const { text: out, stopped, after } = this.scanner.push(text);
    if (stopped) this.held = after;
    return out === "" ? [] : [{ text: out }];
  }

  end(): { readonly pieces: readonly AnswerPiece[]; readonly called: boolean } {
    const { held } = this;
    if (held === undefined) {
      const rest = this.scanner.rest();
      return { pieces: rest === "" ? [] : [{ text: rest }], called: false };
    }
    const calls = readCalls(this.style, held, this.tools);
    if (calls === undefined) return { pieces: held === "" ? [] : [{ text: held }], called: false };
    const pieces = calls.map(
      ({ name, arguments: text }, index): AnswerPiece => ({
        call: { index, id: `call_${randomUUID().replaceAll("-", "")}`, name, arguments: text },
      }),
    );
    return { pieces, called: true };
  }
}
