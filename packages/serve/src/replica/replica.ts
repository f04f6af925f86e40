import { type Clock, type Log, SlipwayError } from "@slipway/base";
import {
  type InferRequest,
  type InferResponse,
  type ModelSignature,
  renderModelMetadata,
  type Tensor,
  versionsHeader,
} from "@slipway/protocol";
import type { Batcher } from "../batch/batcher.ts";
import type { Caller } from "../batch/caller.ts";
import type { ReplicaMetrics } from "../metrics/replica-metrics.ts";
import type { ModelRunner } from "../runners/model-runner.ts";
import { dimensionCheck } from "./check-dimensions.ts";
import { chooseCodec } from "./choose-codec.ts";
import { demandTarget } from "./demand-target.ts";
import type { InferenceAnswer, InferenceCall } from "./inference-call.ts";
import type { InferenceCodec } from "./inference-codec.ts";
import type { OpenaiAnswer } from "./openai-call.ts";
import { openaiError, takesTensors } from "./openai-error.ts";
import { demandReady, type ReplicaState, whyNotReady } from "./replica-state.ts";
import type { ServedReplica } from "./served-replica.ts";

/** What a replica is of. */
export interface ReplicaIdentity {
  readonly namespace: string;
  readonly model: string;
  readonly revision: string;
}

/** The caller, with the deadline that its request says in `timeout`, in microseconds as Triton has it; 0 says none. */
function hurried(caller: Caller, { parameters }: InferRequest, clock: Clock): Caller {
  const timeout = parameters?.timeout;
  if (typeof timeout !== "number" || timeout === 0) return caller;
  const deadlineAt = Math.min(caller.deadlineAt ?? Number.POSITIVE_INFINITY, clock.monotonic() + timeout / 1_000);
  return {
    deadlineAt,
    get cancelled() {
      return caller.cancelled;
    },
  };
}

const json = { "content-type": "application/json" } as const;

/** One loaded and warmed-up model: requests in, answers out. Made by `startReplica`. */
export class Replica implements ServedReplica {
  readonly speaksOpenai = false;
  readonly identity: ReplicaIdentity;
  readonly signature: ModelSignature;
  /** Resolves with the reason when the model worker dies or is stuck in a run: the process must end. Never rejects. */
  readonly failed: Promise<SlipwayError>;
  private readonly runner: ModelRunner;
  /** Its requests in numbers. */
  readonly metrics: ReplicaMetrics;
  private readonly batcher: Batcher;
  private readonly checkDimensions: (request: InferRequest) => void;
  private readonly maxAnswerBytes: number;
  private readonly clock: Clock;
  private readonly log: Log;
  private current: ReplicaState = "ready";

  constructor(parts: {
    identity: ReplicaIdentity;
    signature: ModelSignature;
    runner: ModelRunner;
    failed: Promise<SlipwayError>;
    batcher: Batcher;
    metrics: ReplicaMetrics;
    maxAnswerBytes: number;
    clock: Clock;
    log: Log;
  }) {
    this.identity = parts.identity;
    this.signature = parts.signature;
    this.runner = parts.runner;
    this.batcher = parts.batcher;
    this.metrics = parts.metrics;
    this.maxAnswerBytes = parts.maxAnswerBytes;
    this.clock = parts.clock;
    this.log = parts.log;
    this.failed = parts.failed;
    this.checkDimensions = dimensionCheck(parts.signature, parts.runner.dimensions);
    void this.watchRunner();
  }

  get state(): ReplicaState {
    return this.current;
  }

  /** Why no requests should come now, one sentence; undefined when they may. */
  notReady(): string | undefined {
    return whyNotReady(this.current);
  }

  /** Requests that wait or run. */
  get inflight(): number {
    return this.batcher.inflight;
  }

  /** Answers a call; whatever goes wrong is that call's answer. Never rejects. */
  handle(call: InferenceCall): Promise<InferenceAnswer> {
    return call.operation === "infer" ? this.infer(call) : Promise.resolve(this.tell(call));
  }

  openai(): Promise<OpenaiAnswer> {
    return Promise.resolve(openaiError(takesTensors(this.identity.model)));
  }

  /** Takes no more requests and resolves when those it has are answered. */
  async drain(): Promise<void> {
    if (this.current === "ready") this.current = "draining";
    await this.batcher.idle();
  }

  /** Drains, then frees the model. */
  async close(): Promise<void> {
    await this.drain();
    if (this.current === "draining") this.current = "closed";
    await this.runner.close();
  }

  /** An error as an answer to a call with these headers, for listeners that fail before the replica is asked. */
  answerError(caught: unknown, headers: InferenceCall["headers"]): InferenceAnswer {
    const error = SlipwayError.from(caught);
    if (error.code === "internal") this.log.error("request failed", { error });
    return chooseCodec(headers).error(error);
  }

  private tell(call: InferenceCall): InferenceAnswer {
    try {
      demandTarget(this.identity, call);
      if (call.operation === "ready") return this.ready();
      return { status: 200, headers: json, body: this.metadata(call) };
    } catch (caught) {
      return this.answerError(caught, call.headers);
    }
  }

  /** One function, because each one that waits costs a request a microsecond. */
  private async infer(call: InferenceCall): Promise<InferenceAnswer> {
    const { metrics, clock } = this;
    const came = clock.monotonic();
    metrics.begin();
    let answer: InferenceAnswer;
    try {
      demandTarget(this.identity, call);
      demandReady(this.current);
      const codec = chooseCodec(call.headers);
      const loading = codec.load?.();
      if (loading !== undefined) await loading;
      const request = this.parse(codec, call);
      const outputs = await this.batcher.submit(request, hurried(call.caller, request, clock));
      answer = codec.render(this.response(request, outputs), request, this.maxAnswerBytes);
    } catch (caught) {
      answer = this.answerError(caught, call.headers);
    }
    metrics.end(answer.status, clock.monotonic() - came);
    return answer;
  }

  private parse(codec: InferenceCodec, call: InferenceCall): InferRequest {
    const request = codec.parse(call, this.signature);
    if (request.modelName !== undefined && request.modelName !== this.identity.model) {
      throw new SlipwayError(
        "badRequest",
        `"model_name" must be ${JSON.stringify(this.identity.model)}, the model that was asked.`,
      );
    }
    this.checkDimensions(request);
    return request;
  }

  private response({ id }: InferRequest, outputs: readonly Tensor[]): InferResponse {
    const { model, revision } = this.identity;
    return { modelName: model, modelVersion: revision, ...(id === undefined ? {} : { id }), outputs };
  }

  private ready(): InferenceAnswer {
    demandReady(this.current);
    return { status: 200, headers: json, body: Buffer.from(JSON.stringify({ name: this.identity.model, ready: true })) };
  }

  private metadata({ headers, namespace }: InferenceCall): Buffer {
    const { model, revision } = this.identity;
    // Only a gateway says the namespace; what a client says of versions means nothing.
    const all = namespace === undefined ? undefined : headers[versionsHeader];
    const versions = typeof all === "string" ? all.split(",") : [revision];
    return renderModelMetadata({ name: model, versions, platform: this.runner.platform, signature: this.signature });
  }

  private async watchRunner(): Promise<void> {
    const error = await this.failed;
    this.current = "failed";
    this.log.error("the model worker died or is stuck", { error });
    this.batcher.stop(error);
  }
}
