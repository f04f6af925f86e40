import { SlipwayError } from "@slipway/base";
import { type BytesData, datatypes, type InferRequest, type ModelSignature, type TensorSpec } from "@slipway/protocol";
import type { BatchReply, DimensionNames, InferReply, ModelRunner } from "../model-runner.ts";
import { sliceRows } from "../slice-rows.ts";
import { runResult } from "./onnx-messages.ts";
import type { OnnxSignature } from "./onnx-signature.ts";
import type { OnnxThread } from "./onnx-thread.ts";
import { runFailure } from "./run-failure.ts";
import { type BlockReader, BlockWriter } from "./tensor-block.ts";

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
  private readonly writer = new BlockWriter();
  private readonly texts: boolean;
  /** Milliseconds that a request took lately, at most. Before the first, long. */
  private requestMs = 1;

  constructor(threads: readonly OnnxThread[], model: OnnxSignature) {
    this.threads = threads;
    this.signature = model.signature;
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
      return withRefused(this.read(block, runnable), refused);
    };
    try {
      this.write(runnable, together);
      const block = thread.run(this.writer, this.waitMs(runnable.length));
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

  private write(batch: readonly InferRequest[], together: boolean): void {
    const { writer } = this;
    writer.begin();
    writer.number(together ? 1 : batch.length);
    if (together) this.writePart(batch);
    else for (const request of batch) this.writePart([request]);
  }

  private writePart(requests: readonly InferRequest[]): void {
    const { writer } = this;
    const { inputs, outputs } = this.signature;
    writer.number(requests.length);
    let rows = 0;
    for (const { inputs: tensors } of requests) {
      const own = tensors[0]?.shape[0] ?? 0;
      rows += own;
      writer.number(own);
    }
    const first = requests[0]!;
    writer.number(first.outputs?.length ?? outputs.length);
    if (first.outputs === undefined) for (let index = 0; index < outputs.length; index += 1) writer.number(index);
    else for (const name of first.outputs) writer.number(outputs.findIndex((spec) => spec.name === name));
    for (let index = 0; index < inputs.length; index += 1) {
      const { shape } = first.inputs[index]!;
      writer.tensor(
        inputs[index]!,
        requests.length === 1 ? shape : [rows, ...shape.slice(1)],
        requests.map((request) => request.inputs[index]!.data),
      );
    }
  }

  private read(block: BlockReader, batch: readonly InferRequest[]): BatchReply {
    const replies: InferReply[] = [];
    while (replies.length < batch.length) {
      const count = block.number();
      this.readPart(block, batch.slice(replies.length, replies.length + count), replies);
    }
    const answer = { replies, runs: block.number() };
    this.learn(answer);
    return answer;
  }

  private readPart(block: BlockReader, requests: readonly InferRequest[], replies: InferReply[]): void {
    const result = block.number();
    const ms = block.number();
    const first = requests[0]!;
    if (result === runResult.failed) {
      replies.push({ ms, error: runFailure(block.text(), first) });
      return;
    }
    if (result === runResult.badOutput) {
      const error = new SlipwayError("internal", block.text(), { hint: "The model breaks its own signature; export it again." });
      replies.push({ ms, error });
      return;
    }
    const outputs = this.wanted(first).map((spec) => block.tensor(spec));
    if (requests.length === 1) {
      replies.push({ ms, outputs });
      return;
    }
    let row = 0;
    for (const { inputs } of requests) {
      const end = row + inputs[0]!.shape[0]!;
      replies.push({ ms, outputs: outputs.map((output) => sliceRows(output, row, end)) });
      row = end;
    }
  }

  private wanted(request: InferRequest): readonly TensorSpec[] {
    const { outputs } = this.signature;
    return request.outputs?.map((name) => outputs.find((spec) => spec.name === name)!) ?? outputs;
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
