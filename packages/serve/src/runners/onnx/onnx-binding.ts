import { createRequire } from "node:module";
import type { Binding } from "onnxruntime-node/dist/binding.js";

/** The native side of ONNX Runtime. */
export interface OnnxBinding {
  readonly InferenceSession: Binding.InferenceSessionConstructor;
}

/** What the native side makes of each output. */
class OutputTensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];

  constructor(type: string, data: unknown, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

interface Native extends OnnxBinding {
  initOrtOnce(logLevel: number, tensor: typeof OutputTensor, isMainThread: boolean): void;
}

const warnings = 2;

/** Loads ONNX Runtime into this thread. Past its JavaScript layer, which takes 7 ms to load, checks again what a request was checked for, and comes back an event loop turn later. */
export function loadOnnxBinding(): OnnxBinding {
  const native = createRequire(import.meta.url)(
    `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
  ) as Native;
  native.initOrtOnce(warnings, OutputTensor, false);
  return native;
}
