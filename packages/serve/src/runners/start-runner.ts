import { join } from "node:path";
import type { Clock, Log } from "@slipway/base";
import type { Format, OnnxFacts, PythonFacts } from "@slipway/bundle";
import type { ModelSignature } from "@slipway/protocol";
import type { BatchSettings } from "./batch-settings.ts";
import type { ModelRunner } from "./model-runner.ts";
import { onnxSettings } from "./onnx/onnx-settings.ts";
import { startOnnxRunner } from "./onnx/start-onnx-runner.ts";

/** What of a bundle's facts a runner reads, by format. */
export type RunnableModel = Pick<OnnxFacts, "format" | "model"> | PythonFacts;

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
  readonly clock: Clock;
  readonly log: Log;
}

/** A model that is loaded, and how its requests become batches. */
export interface StartedRunner {
  readonly runner: ModelRunner;
  readonly batches: BatchSettings;
}

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
};

/** Loads a model with the runner of its format. Throws `invalid` when trying again cannot help. */
export function startRunner(options: RunnerOptions): Promise<StartedRunner> {
  const start = starts[options.model.format] as (options: RunnerOptions) => Promise<StartedRunner>;
  return start(options);
}
