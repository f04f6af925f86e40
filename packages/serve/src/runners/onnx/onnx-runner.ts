import { SlipwayError } from "@slipway/base";
import { type BytesData, datatypes, type InferRequest, type ModelSignature } from "@slipway/protocol";
import type { BatchReply, DimensionNames, ModelRunner } from "../model-runner.ts";
import { RequestBlocks } from "../request-blocks.ts";
import { runFailure } from "../run-failure.ts";
import type { BlockReader } from "../tensor-block.ts";
import type { OnnxSignature } from "./onnx-signature.ts";
import type { OnnxThread } from "./onnx-thread.ts";

/** Longest run that the HTTP thread sleeps through, in milliseconds: as long as it takes itself for one or two requests. */
const sleptThroughMs = 0.1;

/** An ONNX model in worker threads, one session each. */
export class OnnxRunner implements ModelRunner {
  readonly platform = "onnxruntime_onnx";
  readonly signature: ModelSignature;
  readonly dimensions: DimensionNames;
  readonly instances: number;
  readonly failed: Promise<SlipwayError>;
  private readonly threads: readonly OnnxThread[];
  private readonly blocks: RequestBlocks;
  private readonly texts: boolean;
  /** Milliseconds that a request took lately, at most. Before the first, long. */
  private requestMs = 1;

  constructor(threads: readonly OnnxThread[], model: OnnxSignature) {
    this.threads = threads;
    this.signature = model.signature;
    this.blocks = new RequestBlocks(model.signature, runFailure);
    this.dimensions = model.dimensions;
    this.instances = threads.length;
    this.failed = Promise.race(threads.map((thread) => thread.failed));
    this.texts = model.signature.inputs.some(({ datatype }) => datatype === "BYTES");
  }

  predict(batch: readonly InferRequest[], together: boolean): BatchReply | Promise<BatchReply> {
    const thread = this.threads.find(({ busy }) => !busy);
    if (thread === undefined)
      return Promise.reject(new SlipwayError("internal", "The model was asked for more than it has instances."));
    const refused = this.texts ? batch.map(refusal) : undefined;
    const runnable = refused === undefined ? batch : batch.filter((_, index) => refused[index] === undefined);
    if (runnable.length === 0) return { runs: 0, replies: refused!.map((error) => ({ ms: 0, error: error! })) };
    const answer = (block: BlockReader) => {
      block.holdsOutputs(runnable.length);
      const reply = this.blocks.read(block, runnable);
      this.learn(reply);
      return withRefused(reply, refused);
    };
    try {
      const written = this.blocks.write(runnable, together);
      const block = thread.run(written, this.waitMs(runnable.length));
      return block instanceof Promise ? block.then(answer) : answer(block);
    } catch (error) {
      // There may be no memory for what it holds.
      return Promise.reject(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }

  /** How long the caller may sleep until requests are answered, in milliseconds: only for runs so short that nothing else suffers, and only while no other instance could end. */
  private waitMs(requests: number): number {
    const expected = this.requestMs * requests;
    return expected > sleptThroughMs || this.threads.some(({ busy }) => busy) ? 0 : 2 * sleptThroughMs;
  }

  /** Times of requests as they are now. */
  private learn({ replies, runs }: BatchReply): void {
    let ms = 0;
    for (const reply of replies) ms = runs === 1 ? reply.ms : ms + reply.ms;
    const each = ms / replies.length;
    // One slow run shows at once, and it takes fast ones for the next to be slept through.
    this.requestMs = Math.max(each, this.requestMs + (each - this.requestMs) / 8);
  }
}

/** What the model answered, with what it was not asked in between. */
function withRefused(answer: BatchReply, refused: readonly (SlipwayError | undefined)[] | undefined): BatchReply {
  if (refused === undefined || refused.length === answer.replies.length) return answer;
  let next = 0;
  const replies = refused.map((error) => (error === undefined ? answer.replies[next++]! : { ms: 0, error }));
  return { runs: answer.runs, replies };
}

/** onnxruntime-node 1.30 takes strings only and cuts them at a NUL; refusing beats another answer than the caller asked for. */
function refusal(request: InferRequest): SlipwayError | undefined {
  for (const { name, datatype, data } of request.inputs) {
    if (datatypes[datatype].kind !== "bytes") continue;
    const elements = data as BytesData;
    const index = elements.findIndex((element) => typeof element !== "string" || element.includes("\0"));
    if (index === -1) continue;
    const what = typeof elements[index] === "string" ? "contains a NUL character" : "is not UTF-8";
    return new SlipwayError(
      "badRequest",
      `Input ${JSON.stringify(name)}: value ${index} ${what}, which ONNX Runtime cannot take.`,
    );
  }
  return undefined;
}
