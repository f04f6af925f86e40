import { join } from "node:path";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { BundleManifest } from "@slipway/bundle";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";
import { Dispatcher } from "../queue/dispatcher.ts";
import type { ModelRunner } from "../runners/model-runner.ts";
import { onnxSettings } from "../runners/onnx/onnx-settings.ts";
import { startOnnxRunner } from "../runners/onnx/start-onnx-runner.ts";
import type { Tolerance } from "../warm-up/compare-tensors.ts";
import { readSamples } from "../warm-up/read-samples.ts";
import { warmUp } from "../warm-up/warm-up.ts";
import { matchSignature } from "./match-signature.ts";
import { Replica, type ReplicaIdentity } from "./replica.ts";

/** What a replica serves and how. */
export interface ReplicaOptions extends ReplicaIdentity {
  /** Where the bundle is materialised; the manifest's paths are relative to it. */
  readonly directory: string;
  readonly manifest: Pick<BundleManifest, "format" | "model" | "samples">;
  /** The model's free-text parameters; see `onnxParameters`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The declared signature, checked against the model's. */
  readonly signature?: ModelSignature;
  /** What to do with golden samples. Default: compare within 1e-5. */
  readonly samples?: { readonly verify: boolean; readonly tolerance: Tolerance };
  /** CPU limit in cores, e.g. 0.5; absent means none. */
  readonly cpu?: number;
  /** Requests that may wait beside those that run. Default 256. */
  readonly queueLimit?: number;
  /** Largest answer in bytes. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  readonly clock: Clock;
  readonly log: Log;
}

const defaults = {
  samples: { verify: true, tolerance: { absolute: 1e-5, relative: 1e-5 } },
  queueLimit: 256,
  maxAnswerBytes: 64 * 1024 * 1024,
} as const;

/** Loads a model, warms it up and checks it against its golden samples; resolves when it is ready. Throws `invalid` when trying again cannot help: a bad model file, parameter, signature or sample. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { log, clock } = options;
  const started = clock.monotonic();
  const maxAnswerBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes;
  const runner = await startOnnxRunner({
    modelFile: join(options.directory, options.manifest.model),
    settings: onnxSettings(options.parameters ?? {}, options.cpu),
    maxOutputBytes: maxAnswerBytes,
  });
  try {
    const signature = matchSignature(runner.signature, options.signature);
    log.info("model loaded", { ms: Math.round(clock.monotonic() - started) });
    await warmUp({
      signature,
      run: (request) => runAlone(runner, request),
      samples: readSamples(options.directory, options.manifest.samples),
      ...(options.samples ?? defaults.samples),
      log,
    });
    const stuck = Promise.withResolvers<SlipwayError>();
    const dispatcher = new Dispatcher({
      runner,
      capacity: options.queueLimit ?? defaults.queueLimit,
      clock,
      onStuck: () =>
        stuck.resolve(new SlipwayError("internal", "The model runs on although nobody waits for its answer any more.")),
    });
    const failed = Promise.race([runner.failed, stuck.promise]);
    const { namespace, model, revision } = options;
    log.info("replica ready", { ms: Math.round(clock.monotonic() - started) });
    return new Replica({
      identity: { namespace, model, revision },
      signature,
      runner,
      failed,
      dispatcher,
      maxAnswerBytes,
      clock,
      log,
    });
  } catch (error) {
    await runner.close();
    throw error;
  }
}

async function runAlone(runner: ModelRunner, request: InferRequest): Promise<readonly Tensor[]> {
  for await (const reply of runner.predict([request], new AbortController().signal)) {
    if ("error" in reply) throw reply.error;
    return reply.outputs;
  }
  throw new SlipwayError("internal", "The model runner gave no reply.");
}
