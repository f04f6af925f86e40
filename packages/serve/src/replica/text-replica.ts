import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { renderModelMetadata, type TextInput } from "@slipway/protocol";
import type { ReplicaMetrics } from "../metrics/replica-metrics.ts";
import type { TextEvent, TextRequest, TextRunner } from "../runners/text-runner.ts";
import { answerOpenai } from "./answer-openai.ts";
import { chooseCodec } from "./choose-codec.ts";
import { demandTarget } from "./demand-target.ts";
import type { InferenceAnswer, InferenceCall } from "./inference-call.ts";
import type { OpenaiAnswer, OpenaiCall } from "./openai-call.ts";
import { openaiError } from "./openai-error.ts";
import type { ReplicaIdentity } from "./replica.ts";
import { demandReady, type ReplicaState, whyNotReady } from "./replica-state.ts";
import type { ServedReplica } from "./served-replica.ts";

const json = { "content-type": "application/json" } as const;
/** What OIP can carry of it: nothing goes in and nothing comes out. */
const noSignature = { inputs: [], outputs: [] };

/** A loaded model of text, which speaks the OpenAI API. Made by `startReplica`. */
export class TextReplica implements ServedReplica {
  readonly speaksOpenai = true;
  readonly identity: ReplicaIdentity;
  readonly failed: Promise<SlipwayError>;
  private readonly runner: TextRunner;
  private readonly metrics: ReplicaMetrics;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly idlers: (() => void)[] = [];
  private current: ReplicaState = "ready";
  private answering = 0;

  constructor(parts: { identity: ReplicaIdentity; runner: TextRunner; metrics: ReplicaMetrics; clock: Clock; log: Log }) {
    this.identity = parts.identity;
    this.runner = parts.runner;
    this.metrics = parts.metrics;
    this.clock = parts.clock;
    this.log = parts.log;
    this.failed = parts.runner.failed;
    void this.watchRunner();
  }

  get state(): ReplicaState {
    return this.current;
  }

  get inflight(): number {
    return this.answering;
  }

  notReady(): string | undefined {
    return whyNotReady(this.current);
  }

  async handle(call: InferenceCall): Promise<InferenceAnswer> {
    try {
      const { model, revision } = this.identity;
      demandTarget(this.identity, call);
      if (call.operation === "infer")
        throw new SlipwayError("unimplemented", `The model ${JSON.stringify(model)} takes text, not tensors.`, {
          hint: "It speaks the OpenAI API: POST /v1/chat/completions, /v1/completions or /v1/embeddings.",
        });
      const { platform } = this.runner.facts;
      if (call.operation === "metadata") {
        const body = renderModelMetadata({ name: model, versions: [revision], platform, signature: noSignature });
        return { status: 200, headers: json, body };
      }
      demandReady(this.current);
      return { status: 200, headers: json, body: JSON.stringify({ name: model, ready: true }) };
    } catch (caught) {
      return this.answerError(caught, call.headers);
    }
  }

  answerError(caught: unknown, headers: InferenceCall["headers"]): InferenceAnswer {
    return chooseCodec(headers).error(this.noted(caught));
  }

  async openai(call: OpenaiCall): Promise<OpenaiAnswer> {
    const { metrics, clock } = this;
    const came = clock.monotonic();
    metrics.begin();
    this.answering += 1;
    let counted = false;
    const done = (status: number) => {
      if (counted) return;
      counted = true;
      metrics.end(status, clock.monotonic() - came);
      this.answering -= 1;
      if (this.answering === 0) for (const resolve of this.idlers.splice(0)) resolve();
    };
    try {
      demandTarget(this.identity, call);
      demandReady(this.current);
      const { facts } = this.runner;
      const runner = {
        facts,
        generate: (request: TextRequest, signal: AbortSignal) => this.counted(this.runner.generate(request, signal), done),
        embed: (inputs: readonly TextInput[], signal: AbortSignal) => this.runner.embed(inputs, signal),
      };
      const answer = await answerOpenai(call, { runner, identity: this.identity, now: () => clock.now() });
      if (typeof answer.body === "string") done(answer.status);
      return answer;
    } catch (caught) {
      const answer = openaiError(this.noted(caught));
      done(answer.status);
      return answer;
    }
  }

  async drain(): Promise<void> {
    if (this.current === "ready") this.current = "draining";
    if (this.answering > 0) await new Promise<void>((resolve) => this.idlers.push(resolve));
  }

  async close(): Promise<void> {
    await this.drain();
    if (this.current === "draining") this.current = "closed";
    await this.runner.close();
  }

  /** The events of an answer, counted at their end: that is when a stream is answered. */
  private async *counted(events: AsyncIterable<TextEvent>, done: (status: number) => void): AsyncGenerator<TextEvent, void> {
    let status = 499;
    try {
      for await (const event of events) {
        if ("finish" in event) status = 200;
        yield event;
      }
    } catch (caught) {
      status = this.noted(caught).httpStatus;
      throw caught;
    } finally {
      done(status);
    }
  }

  private noted(caught: unknown): SlipwayError {
    const error = SlipwayError.from(caught);
    if (error.code === "internal") this.log.error("request failed", { error });
    return error;
  }

  private async watchRunner(): Promise<void> {
    const error = await this.failed;
    this.current = "failed";
    this.log.error("the model worker died or is stuck", { error });
  }
}
