import { Worker } from "node:worker_threads";
import { type Clock, SlipwayError } from "@slipway/base";
import { hasMarks, LiteralMarker } from "../text/literal-text.ts";
import type { TemplateInput } from "../tools/tool-style.ts";
import type { TemplateReply, TemplateRequest, TemplateSetting } from "./template-messages.ts";

/** What a chat template is rendered with beside the chat. */
export interface ChatTemplateOptions extends TemplateSetting {
  /** The program that renders it. */
  readonly program: string;
  readonly bos: string;
  readonly eos: string;
  /** The texts of the model's special tokens. */
  readonly specials: readonly string[];
  readonly clock: Clock;
}

/** Far above what the largest templates need for the longest chats. */
const mostMs = 5_000;
const mostMegabytes = 256;

/** A model's chat template. It is a program that came with the model: it runs in a thread of its own, for some seconds at most. */
export class ChatTemplate {
  private readonly options: ChatTemplateOptions;
  private readonly marker: LiteralMarker;
  private readonly waiting = new Map<number, { resolve(text: string): void; reject(error: unknown): void }>();
  private worker: Worker | undefined;
  private next = 0;

  constructor(options: ChatTemplateOptions) {
    this.options = options;
    this.marker = new LiteralMarker(options.specials);
  }

  /** The prompt of a chat, with marks around what callers wrote like special tokens. Throws `badRequest` with what the template itself refuses. */
  async render(input: TemplateInput): Promise<string> {
    if (hasMarks(JSON.stringify([input.messages, input.tools])))
      throw new SlipwayError("badRequest", "A text has U+FDD0 or U+FDD1, which are not characters.");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const id = this.next++;
    this.waiting.set(id, { resolve, reject });
    const cancel = this.options.clock.after(mostMs, () => this.giveUp("did not end"));
    const request: TemplateRequest = { id, values: this.values(input) };
    this.thread().postMessage(request);
    try {
      return await promise;
    } finally {
      cancel();
      this.waiting.delete(id);
    }
  }

  private values({ messages, tools, answer }: TemplateInput): Readonly<Record<string, unknown>> {
    const { bos, eos } = this.options;
    const mark = (value: unknown) => this.marker.markAll(value);
    return {
      messages: messages.map(({ role, content = "", name, toolCalls, toolCallId }) => ({
        role,
        content: mark(content),
        ...(name === undefined ? {} : { name: mark(name) }),
        ...(toolCallId === undefined ? {} : { tool_call_id: mark(toolCallId) }),
        ...(toolCalls === undefined
          ? {}
          : {
              tool_calls: toolCalls.map((call) => ({
                id: mark(call.id),
                type: "function",
                function: { name: mark(call.name), arguments: mark(JSON.parse(call.arguments)) },
              })),
            }),
      })),
      ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: "function", function: mark(tool) })) }),
      add_generation_prompt: answer,
      bos_token: bos,
      eos_token: eos,
    };
  }

  private thread(): Worker {
    if (this.worker !== undefined) return this.worker;
    const { program, library, source } = this.options;
    const workerData: TemplateSetting = { library, source };
    const worker = new Worker(new URL(program), {
      workerData,
      name: "template",
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    worker.on("message", (reply: TemplateReply) => {
      const waiting = this.waiting.get(reply.id);
      if ("text" in reply) waiting?.resolve(reply.text);
      else waiting?.reject(refusal(reply.failed));
    });
    worker.on("error", () => this.giveUp("needed too much memory, or broke"));
    worker.unref();
    this.worker = worker;
    return worker;
  }

  /** Ends the thread, and with it every rendering: which of them it was cannot be told. */
  private giveUp(why: string): void {
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    const error = new SlipwayError("invalid", `The model's chat template ${why}.`, {
      hint: "Use the template that the model's makers publish.",
    });
    for (const { reject } of this.waiting.values()) reject(error);
  }
}

function refusal(text: string): SlipwayError {
  return new SlipwayError("badRequest", `The model's chat template refuses the messages: ${text.slice(0, 500)}`, {
    problems: [{ path: "messages", message: text.slice(0, 500), reason: "FieldValueInvalid" }],
  });
}
