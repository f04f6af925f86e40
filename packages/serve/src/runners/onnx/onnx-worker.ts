import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { SlipwayError, systemClock, toWireError } from "@slipway/base";
import type { ModelSignature, Tensor, TensorData, TensorSpec } from "@slipway/protocol";
import { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { type FromWorker, type OnnxWorkerData, runResult, type ToWorker } from "./onnx-messages.ts";
import { type OnnxDatatype, onnxSignature, onnxTypes } from "./onnx-signature.ts";
import { BlockReader, BlockWriter } from "./tensor-block.ts";

// ONNX Runtime's JavaScript takes a Float16Array for FP16 wherever that class exists, but its native side reads none of it
// (onnxruntime-node 1.30). Without the class, on this thread only, it falls back to Uint16Array, which works.
Reflect.deleteProperty(globalThis, "Float16Array");

const { port, wake, modelFile, settings, maxOutputBytes } = workerData as OnnxWorkerData;

/** Runs one model: takes a block of requests, runs each, sends a block of replies. */
class OnnxWorker {
  private readonly session: InferenceSession;
  private readonly signature: ModelSignature;

  constructor(session: InferenceSession, signature: ModelSignature) {
    this.session = session;
    this.signature = signature;
  }

  async runBlock(block: ArrayBuffer): Promise<ArrayBuffer> {
    const reader = new BlockReader(block);
    const writer = new BlockWriter();
    const count = reader.number();
    for (let index = 0; index < count; index += 1) await this.runOne(reader, writer);
    return writer.finish();
  }

  private async runOne(reader: BlockReader, writer: BlockWriter): Promise<void> {
    const wanted: TensorSpec[] = [];
    for (let left = reader.number(); left > 0; left -= 1) wanted.push(this.signature.outputs[reader.number()]!);
    const feeds: Record<string, OnnxTensor> = {};
    for (const spec of this.signature.inputs) feeds[spec.name] = toOnnx(reader.tensor(spec));
    const started = systemClock.monotonic();
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.session.run(
        feeds,
        wanted.map((spec) => spec.name),
      );
    } catch (error) {
      writer.number(runResult.failed);
      writer.number(systemClock.monotonic() - started);
      writer.text(error instanceof Error ? error.message : String(error));
      return;
    }
    const ms = systemClock.monotonic() - started;
    const problem = checkOutputs(outputs, wanted);
    writer.number(problem === undefined ? runResult.done : runResult.badOutput);
    writer.number(ms);
    if (problem !== undefined) {
      writer.text(problem);
      return;
    }
    for (const spec of wanted) {
      const output = outputs[spec.name] as OnnxTensor;
      writer.tensor(output.dims, output.data as TensorData);
    }
  }
}

function toOnnx({ datatype, shape, data }: Tensor): OnnxTensor {
  const raw = datatype === "FP16" ? sixteenBits(data as Float16Array) : data;
  return new OnnxTensor(onnxTypes[datatype as OnnxDatatype], raw as never, shape);
}

function sixteenBits(data: Float16Array): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}

/** What is wrong with a model's outputs; undefined when they are as the signature says. */
function checkOutputs(outputs: InferenceSession.OnnxValueMapType, wanted: readonly TensorSpec[]): string | undefined {
  let bytes = 0;
  for (const { name, datatype, shape } of wanted) {
    const quoted = JSON.stringify(name);
    const output = outputs[name];
    if (output === undefined) return `The model output ${quoted} is missing.`;
    if (output.type !== onnxTypes[datatype as OnnxDatatype])
      return `The model output ${quoted} has the type ${output.type}, not ${datatype}.`;
    // ONNX Runtime reports no dimensions both for a scalar and when it cannot tell the rank.
    const fits =
      shape.length === 0 ||
      (shape.length === output.dims.length && shape.every((size, axis) => size === -1 || size === output.dims[axis]));
    if (!fits) return `The model output ${quoted} has the shape [${output.dims.join(",")}], not [${shape.join(",")}].`;
    bytes += ArrayBuffer.isView(output.data) ? output.data.byteLength : stringBytes(output.data as string[]);
    if (bytes > maxOutputBytes) return `The model output is larger than the limit of ${maxOutputBytes} bytes.`;
  }
  return undefined;
}

function stringBytes(strings: readonly string[]): number {
  let bytes = 0;
  for (const text of strings) bytes += Buffer.byteLength(text);
  return bytes;
}

/** The next message. Blocks this thread until there is one: that wakes it in half the time an event takes, and it has nothing else to do. */
function nextMessage(from: MessagePort): ToWorker {
  for (;;) {
    const seen = Atomics.load(wake, 0);
    const received = receiveMessageOnPort(from) as { message: ToWorker } | undefined;
    if (received !== undefined) return received.message;
    Atomics.wait(wake, 0, seen);
  }
}

function send(message: FromWorker): void {
  port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
}

async function main(): Promise<void> {
  let session: InferenceSession;
  let signature: ModelSignature;
  try {
    session = await InferenceSession.create(modelFile, {
      executionProviders: ["cpu"],
      intraOpNumThreads: settings.intraOpThreads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: settings.graphOptimization,
      // A failed run is told in its reply; ONNX Runtime would print it to standard error as well.
      logSeverityLevel: 4,
      // Threads that spin between requests take the cores of the replicas beside this one.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    signature = onnxSignature(session);
  } catch (error) {
    send(
      error instanceof SlipwayError
        ? { refused: toWireError(error) }
        : { failed: error instanceof Error ? error.message : String(error) },
    );
    port.close();
    return;
  }
  send({ loaded: signature });
  const worker = new OnnxWorker(session, signature);
  for (;;) {
    const message = nextMessage(port);
    if (message === "close") break;
    send(await worker.runBlock(message));
  }
  await session.release();
  port.close();
}

await main();
