import { datatypes, type Tensor, type TensorData, type TensorSpec } from "@slipway/protocol";
import type { OnnxValue } from "onnxruntime-node";
import type { Binding } from "onnxruntime-node/dist/binding.js";
import { loadOnnxBinding } from "./onnx-binding.ts";
import type { OnnxSettings } from "./onnx-settings.ts";
import { type OnnxDatatype, type OnnxSignature, onnxSignature, onnxTypes } from "./onnx-signature.ts";

/** A tensor as ONNX Runtime gives it. */
export interface OnnxOutput {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

/** A loaded ONNX model. It runs on the calling thread. */
export class OnnxSession {
  readonly model: OnnxSignature;
  private readonly native: Binding.InferenceSession;

  /** Throws ONNX Runtime's own error, which may name paths, or `invalid`: see {@link onnxSignature}. */
  constructor(modelFile: string, settings: OnnxSettings) {
    this.native = new (loadOnnxBinding().InferenceSession)();
    this.native.loadModel(modelFile, {
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
    this.model = onnxSignature(this.native);
  }

  /** The wanted outputs, in order. Throws ONNX Runtime's own error. */
  run(inputs: readonly Tensor[], wanted: readonly TensorSpec[]): OnnxOutput[] {
    const feeds: Record<string, OnnxValue> = {};
    for (const input of inputs) feeds[input.name] = toOnnx(input);
    const fetches: Record<string, null> = {};
    for (const { name } of wanted) fetches[name] = null;
    const outputs = this.native.run(feeds, fetches, {}) as unknown as Record<string, OnnxOutput>;
    return wanted.map(({ name }) => fromOnnx(outputs[name]!));
  }

  close(): void {
    this.native.dispose();
  }
}

/** What the native side reads of a tensor; its class would check again what the request was checked for. */
function toOnnx({ datatype, shape, data }: Tensor): OnnxValue {
  const raw = datatype === "FP16" ? sixteenBits(data as Float16Array) : data;
  const tensor = { location: "cpu", type: onnxTypes[datatype as OnnxDatatype], dims: shape, data: raw };
  return tensor as unknown as OnnxValue;
}

function fromOnnx({ type, dims, data }: OnnxOutput): OnnxOutput {
  if (type !== "float16") return { type, dims, data };
  const { buffer, byteOffset, length } = data as Uint16Array;
  return { type, dims, data: datatypes.FP16.view(buffer, byteOffset, length) };
}

/** ONNX Runtime's native side reads no Float16Array (onnxruntime-node 1.30). */
function sixteenBits(data: Float16Array): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}
