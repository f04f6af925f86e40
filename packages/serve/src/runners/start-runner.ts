import { join } from "node:path";
import type { Clock, Log } from "@slipway/base";
import type { Format, LlamaFacts, OnnxFacts, PythonFacts } from "@slipway/bundle";
import type { ModelSignature } from "@slipway/protocol";
import type { BatchSettings } from "./batch-settings.ts";
import type { ModelRunner } from "./model-runner.ts";
import { onnxSettings } from "./onnx/onnx-settings.ts";
import { startOnnxRunner } from "./onnx/start-onnx-runner.ts";
import type { TextRunner } from "./text-runner.ts";

/** What of a bundle's facts a runner reads, by format. */
export type RunnableModel = Pick<OnnxFacts, "format" | "model"> | PythonFacts | LlamaFacts;

/** What a runner is started with. */
export interface RunnerOptions<Model extends RunnableModel = RunnableModel> {
  /** Where the bundle is materialised; paths of its facts are relative to it. */
  readonly directory: string;
  readonly model: Model;
  /** The model's free-text parameters; see `runnerTable`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The signature that the Model declares. */
  readonly signature?: ModelSignature | undefined;
  /** CPU limit in cores, e.g. 0.5. */
  readonly cpu: number | undefined;
  /** Largest sum of bytes of the outputs of one request. */
  readonly maxOutputBytes: number;
  /** Where runtimes are installed that not everyone needs. */
  readonly runtimes: string | undefined;
  /** Requests that may wait beside those that run. */
  readonly queueLimit: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A model of tensors that is loaded, and how its requests become batches; or a model of text. */
export type StartedRunner = { readonly runner: ModelRunner; readonly batches: BatchSettings } | { readonly text: TextRunner };

/** ONNX is the common case, and its code on this side is small: it is here already. The others are loaded when a bundle needs them. */
const starts: {
  readonly [Name in Format]: (options: RunnerOptions<Extract<RunnableModel, { format: Name }>>) => Promise<StartedRunner>;
} = {
  async onnx({ directory, model, parameters, cpu, maxOutputBytes }) {
    const { session, batches } = onnxSettings(parameters, cpu);
    const runner = await startOnnxRunner({ modelFile: join(directory, model.model), settings: session, maxOutputBytes });
    return { runner, batches };
  },
  python: async (options) => (await import("./python/start-python-runner.ts")).startPythonRunner(options),
  async llama(options) {
    const { startLlamaRunner } = await import("./llama/start-llama-runner.ts");
    return { text: await startLlamaRunner(options) };
  },
};

/** Loads a model with the runner of its format. Throws `invalid` when trying again cannot help. */
export function startRunner(options: RunnerOptions): Promise<StartedRunner> {
  const start = starts[options.model.format] as (options: RunnerOptions) => Promise<StartedRunner>;
  return start(options);
}
