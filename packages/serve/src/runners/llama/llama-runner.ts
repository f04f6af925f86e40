import { fromWireError, SlipwayError } from "@slipway/base";
import type { TextInput } from "@slipway/protocol";
import type { Embeddings, TextEvent, TextFacts, TextRequest, TextRunner } from "../text-runner.ts";
import { LlamaAdmission } from "./llama-admission.ts";
import type { LlamaEvent, LlamaJob, LlamaLoaded } from "./llama-messages.ts";
import type { LlamaProcess } from "./llama-process.ts";
import { type PlannedJob, planJob } from "./plan-job.ts";

/** A model of text behind a bounded queue: as many requests as it has sequences run at the same time, the others in the order they came. */
export class LlamaRunner implements TextRunner {
  readonly facts: TextFacts;
  readonly failed: Promise<SlipwayError>;
  private readonly process: LlamaProcess;
  private readonly loaded: LlamaLoaded;
  private readonly admission: LlamaAdmission;

  /** `capacity`: requests that may wait beside those that run. */
  constructor(process: LlamaProcess, loaded: LlamaLoaded, facts: TextFacts, capacity: number) {
    this.process = process;
    this.loaded = loaded;
    this.facts = facts;
    this.failed = process.failed;
    this.admission = new LlamaAdmission(facts.sequences, capacity);
    void process.failed.then((reason) => this.admission.stop(reason));
  }

  get inflight(): number {
    return this.admission.inflight;
  }

  async *generate(request: TextRequest, signal: AbortSignal): AsyncGenerator<TextEvent, void> {
    if (this.facts.task !== "generate")
      throw new SlipwayError("badRequest", "This model makes embeddings, not text.", { hint: "Use /v1/embeddings." });
    const plan = planJob(request, this.loaded.tools);
    const release = await this.admission.enter(signal);
    try {
      yield* this.events(plan, signal);
    } finally {
      release();
    }
  }

  async embed(inputs: readonly TextInput[], signal: AbortSignal): Promise<Embeddings> {
    if (this.facts.task !== "embed")
      throw new SlipwayError("badRequest", "This model makes text, not embeddings.", {
        hint: "Serve a model whose GGUF file says how embeddings are pooled (pooling_type).",
      });
    const release = await this.admission.enter(signal);
    const stream = this.stream({ embed: inputs }, signal);
    try {
      for await (const event of stream) {
        if (!("vectors" in event)) continue;
        return { vectors: event.vectors.map(floats), tokens: event.tokens };
      }
      throw new SlipwayError("internal", "The model worker made no embeddings.");
    } finally {
      release();
    }
  }

  async close(): Promise<void> {
    await this.admission.idle();
    await this.process.close();
  }

  private async *events({ job, reader }: PlannedJob, signal: AbortSignal): AsyncGenerator<TextEvent, void> {
    for await (const event of this.stream({ job }, signal)) {
      if ("text" in event) yield* reader.push(event.text);
      else if ("end" in event) {
        const { promptTokens, completionTokens } = event;
        const { pieces, called } = reader.end();
        yield* pieces;
        yield { finish: called ? "tool_calls" : event.end, usage: { promptTokens, completionTokens } };
      }
    }
  }

  /** What the worker says of one request, up to its end. The worker is told when nobody listens any more, and its end is waited for. */
  private async *stream(
    request: { readonly job: LlamaJob } | { readonly embed: readonly TextInput[] },
    signal: AbortSignal,
  ): AsyncGenerator<LlamaEvent, void> {
    const waiting: LlamaEvent[] = [];
    let wake = Promise.withResolvers<void>();
    let failure: SlipwayError | undefined;
    let ended = false;
    const finished = Promise.withResolvers<void>();
    const end = (error?: SlipwayError) => {
      failure = error;
      ended = true;
      finished.resolve();
      wake.resolve();
    };
    const take = this.process.ask(request, {
      event(event) {
        if ("error" in event) {
          end(fromWireError(event.error));
          return;
        }
        waiting.push(event);
        if ("text" in event) wake.resolve();
        else end();
      },
      failed: end,
    });
    const cancel = () => {
      take();
      wake.resolve();
    };
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    try {
      while (true) {
        if (signal.aborted) throw SlipwayError.from(signal.reason);
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (failure !== undefined) throw failure;
        else if (ended) return;
        else {
          await wake.promise;
          wake = Promise.withResolvers();
        }
      }
    } finally {
      signal.removeEventListener("abort", cancel);
      if (!ended) {
        take();
        // Its sequence is not free before.
        await finished.promise;
      }
    }
  }
}

function floats(base64: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  return new Float32Array(bytes.buffer);
}
