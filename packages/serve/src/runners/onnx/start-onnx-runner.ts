import { extname } from "node:path";
import { MessageChannel, Worker } from "node:worker_threads";
import { fromWireError, SlipwayError } from "@slipway/base";
import type { ModelRunner } from "../model-runner.ts";
import { withoutPaths } from "../run-failure.ts";
import type { OnnxWorkerData } from "./onnx-messages.ts";
import { OnnxRunner } from "./onnx-runner.ts";
import type { OnnxSettings } from "./onnx-settings.ts";
import type { OnnxSignature } from "./onnx-signature.ts";
import { OnnxThread } from "./onnx-thread.ts";

/** What an ONNX runner needs. */
export interface OnnxRunnerOptions {
  /** Path of the `.onnx` file. */
  readonly modelFile: string;
  readonly settings: OnnxSettings;
  /** Largest sum of bytes of the outputs of one request. */
  readonly maxOutputBytes: number;
}

interface Loaded {
  readonly thread: OnnxThread;
  readonly model: OnnxSignature;
}

/** Loads an ONNX model, each instance in a worker thread of its own. Throws `invalid` when ONNX Runtime cannot load it or OIP cannot carry its tensors. */
export async function startOnnxRunner(options: OnnxRunnerOptions): Promise<ModelRunner> {
  const starts = await Promise.allSettled(Array.from({ length: options.settings.instances }, () => startThread(options)));
  const loaded = starts.filter((start) => start.status === "fulfilled").map((start) => start.value);
  const refused = starts.find((start) => start.status === "rejected");
  if (refused === undefined) {
    return new OnnxRunner(
      loaded.map(({ thread }) => thread),
      loaded[0]!.model,
    );
  }
  await Promise.all(loaded.map(({ thread }) => thread.close()));
  throw refused.reason;
}

async function startThread({ modelFile, settings, maxOutputBytes }: OnnxRunnerOptions): Promise<Loaded> {
  const { port1, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(12));
  const workerData: OnnxWorkerData = { modelFile, settings, maxOutputBytes, port: port2, wake };
  // The file beside this one, whether both are sources or built.
  const file = new URL(`./onnx-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData, transferList: [port2], name: "onnx" });
  const thread = new OnnxThread(worker, port1, wake);
  const first = await thread.loaded();
  if ("loaded" in first) return { thread, model: first.loaded };
  await thread.ended();
  if ("refused" in first) throw fromWireError(first.refused);
  const text = "failed" in first ? first.failed : "It gave no reason.";
  throw new SlipwayError("invalid", `The model cannot be loaded: ${withoutPaths(text)}`, {
    hint: "Check the file with onnx.checker and that its operator set is one the runtime supports.",
    cause: new Error(text),
  });
}
