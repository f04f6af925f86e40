import { SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature, TensorSpec } from "@slipway/protocol";
import type { BatchReply, InferReply } from "./model-runner.ts";
import { runResult } from "./run-result.ts";
import { sliceRows } from "./slice-rows.ts";
import { type BlockReader, BlockWriter } from "./tensor-block.ts";

/** Requests into blocks that another thread or process reads, and its blocks into replies; see `run-result.ts` for what they hold. */
export class RequestBlocks {
  private readonly signature: ModelSignature;
  private readonly failure: (text: string, request: InferRequest) => SlipwayError;
  private readonly writer = new BlockWriter();

  /** `failure` is what a failed run is to the caller. */
  constructor(signature: ModelSignature, failure: (text: string, request: InferRequest) => SlipwayError) {
    this.signature = signature;
    this.failure = failure;
  }

  /** The block of these requests, good until the next one is written. `together`: they go through the model as one. */
  write(batch: readonly InferRequest[], together: boolean): BlockWriter {
    const { writer } = this;
    writer.begin();
    writer.number(together ? 1 : batch.length);
    if (together) this.writePart(batch);
    else for (const request of batch) this.writePart([request]);
    return writer;
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

  /** The replies to these requests. */
  read(block: BlockReader, batch: readonly InferRequest[]): BatchReply {
    const replies: InferReply[] = [];
    while (replies.length < batch.length) {
      const count = block.number();
      this.readPart(block, batch.slice(replies.length, replies.length + count), replies);
    }
    return { replies, runs: block.number() };
  }

  private readPart(block: BlockReader, requests: readonly InferRequest[], replies: InferReply[]): void {
    const result = block.number();
    const ms = block.number();
    const first = requests[0]!;
    if (result === runResult.failed) {
      replies.push({ ms, error: this.failure(block.text(), first) });
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
