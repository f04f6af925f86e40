import { extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { fromWireError, SlipwayError } from "@slipway/base";
import type { BytesData, InferRequest, ModelSignature } from "@slipway/protocol";
import type { InferReply, ModelRunner } from "../model-runner.ts";
import { type OnnxWorkerData, runResult } from "./onnx-messages.ts";
import type { OnnxSettings } from "./onnx-settings.ts";
import { OnnxThread } from "./onnx-thread.ts";
import { BlockReader, BlockWriter } from "./tensor-block.ts";

/** What an ONNX runner needs. */
export interface OnnxRunnerOptions {
  /** Path of the `.onnx` file. */
  readonly modelFile: string;
  readonly settings: OnnxSettings;
  /** Largest sum of bytes of the outputs of one request. */
  readonly maxOutputBytes: number;
}

/** Loads an ONNX model in a worker thread of its own. Throws `invalid` when ONNX Runtime cannot load it or OIP cannot carry its tensors. */
export async function startOnnxRunner(options: OnnxRunnerOptions): Promise<ModelRunner> {
  const { port1, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const data: OnnxWorkerData = { ...options, port: port2, wake };
  // The file beside this one, whether both are sources or built.
  const file = new URL(`./onnx-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData: data, transferList: [port2], name: "onnx" });
  const thread = new OnnxThread(worker, port1, wake);
  const first = await thread.receive();
  if (first instanceof ArrayBuffer) throw new SlipwayError("internal", "The model worker answered before it was asked.");
  if ("loaded" in first) return new OnnxRunner(thread, first.loaded);
  await thread.ended();
  if ("refused" in first) throw fromWireError(first.refused);
  throw new SlipwayError("invalid", `The model cannot be loaded: ${withoutPaths(first.failed)}`, {
    hint: "Check the file with onnx.checker and that its operator set is one the runtime supports.",
    cause: new Error(first.failed),
  });
}

class OnnxRunner implements ModelRunner {
  readonly platform = "onnxruntime_onnx";
  readonly signature: ModelSignature;
  readonly failed: Promise<SlipwayError>;
  private readonly thread: OnnxThread;

  constructor(thread: OnnxThread, signature: ModelSignature) {
    this.thread = thread;
    this.signature = signature;
    this.failed = thread.failed;
  }

  async *predict(batch: readonly InferRequest[], signal: AbortSignal): AsyncGenerator<InferReply, void, undefined> {
    signal.throwIfAborted();
    const runnable: number[] = [];
    for (let index = 0; index < batch.length; index += 1) {
      const error = refusal(batch[index]!);
      if (error === undefined) runnable.push(index);
      else yield { index, ms: 0, error };
    }
    if (runnable.length === 0) return;
    const answer = this.thread.receive();
    this.thread.send(this.writeRequests(runnable.map((index) => batch[index]!)));
    const block = await answer;
    if (!(block instanceof ArrayBuffer))
      throw new SlipwayError("internal", "The model worker answered something else than replies.");
    const reader = new BlockReader(block);
    for (const index of runnable) yield this.readReply(reader, index, batch[index]!);
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  private writeRequests(batch: readonly InferRequest[]): ArrayBuffer {
    const { outputs } = this.signature;
    const writer = new BlockWriter();
    writer.number(batch.length);
    for (const request of batch) {
      const wanted = request.outputs?.map((name) => outputs.findIndex((spec) => spec.name === name)) ?? outputs.keys();
      const indices = [...wanted];
      writer.number(indices.length);
      for (const index of indices) writer.number(index);
      for (const tensor of request.inputs) writer.tensor(tensor.shape, tensor.data);
    }
    return writer.finish();
  }

  private readReply(reader: BlockReader, index: number, request: InferRequest): InferReply {
    const result = reader.number();
    const ms = reader.number();
    if (result === runResult.failed) return { index, ms, error: runFailure(reader.text(), request) };
    if (result === runResult.badOutput) {
      return {
        index,
        ms,
        error: new SlipwayError("internal", reader.text(), { hint: "The model breaks its own signature; export it again." }),
      };
    }
    const { outputs } = this.signature;
    const wanted = request.outputs?.map((name) => outputs.find((spec) => spec.name === name)!) ?? outputs;
    return { index, ms, outputs: wanted.map((spec) => reader.tensor(spec)) };
  }
}

/** onnxruntime-node 1.30 takes strings only and cuts them at a NUL; refusing beats another answer than the caller asked for. */
function refusal(request: InferRequest): SlipwayError | undefined {
  for (const { name, datatype, data } of request.inputs) {
    if (datatype !== "BYTES") continue;
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

/** A model that throws on an empty tensor does not allow it; any other failure is its own. */
function runFailure(text: string, request: InferRequest): SlipwayError {
  const empty = request.inputs.find((tensor) => tensor.shape.includes(0));
  if (empty !== undefined) {
    const message = `The model does not take the empty tensor [${empty.shape.join(",")}] as input ${JSON.stringify(empty.name)}: ${withoutPaths(text)}`;
    return new SlipwayError("badRequest", message, { cause: new Error(text) });
  }
  return new SlipwayError("internal", `The model failed: ${withoutPaths(text)}`, {
    hint: "Check the values and that the shapes of the inputs fit one another.",
    cause: new Error(text),
  });
}

/** ONNX Runtime's text for a caller: no source or host path, no line break, at most 500 characters. */
function withoutPaths(text: string): string {
  return text
    .replace(/\S*[/\\]\S*/g, "…")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}
