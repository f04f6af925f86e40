import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";
import { Batcher } from "../batch/batcher.ts";
import { ReplicaMetrics } from "../metrics/replica-metrics.ts";
import type { ModelRunner } from "../runners/model-runner.ts";
import { type RunnableModel, startRunner } from "../runners/start-runner.ts";
import type { Tolerance } from "../warm-up/compare-tensors.ts";
import { proveBatching } from "../warm-up/prove-batching.ts";
import { readSamples } from "../warm-up/read-samples.ts";
import { warmUp } from "../warm-up/warm-up.ts";
import { cpuLimit } from "./cpu-limit.ts";
import { matchSignature } from "./match-signature.ts";
import { Replica, type ReplicaIdentity } from "./replica.ts";
import type { ServedReplica } from "./served-replica.ts";
import { TextReplica } from "./text-replica.ts";
import { tryText } from "./try-text.ts";

/** What a replica serves and how. */
export interface ReplicaOptions extends ReplicaIdentity {
  /** Where the bundle is materialised; the manifest's paths are relative to it. */
  readonly directory: string;
  readonly manifest: RunnableModel & { readonly samples: readonly string[] };
  /** The model's free-text parameters; see `runnerTable`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The declared signature, checked against the model's. */
  readonly signature?: ModelSignature;
  /** What to do with golden samples. Default: compare within 1e-5. */
  readonly samples?: { readonly verify: boolean; readonly tolerance: Tolerance };
  /** CPU limit in cores, e.g. 0.5; absent means that of the process, if it has one. */
  readonly cpu?: number;
  /** What counts its requests. Default: one of its own. */
  readonly metrics?: ReplicaMetrics;
  /** Requests that may wait beside those that run. Default 256. */
  readonly queueLimit?: number;
  /** Folder for runtimes that are installed when a model first needs them. */
  readonly runtimes?: string;
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
export async function startReplica(options: ReplicaOptions): Promise<ServedReplica> {
  const { log, clock } = options;
  const started = clock.monotonic();
  const maxAnswerBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes;
  const loaded = await startRunner({
    directory: options.directory,
    model: options.manifest,
    parameters: options.parameters ?? {},
    signature: options.signature,
    cpu: options.cpu ?? cpuLimit(),
    maxOutputBytes: maxAnswerBytes,
    runtimes: options.runtimes,
    queueLimit: options.queueLimit ?? defaults.queueLimit,
    clock,
    log,
  });
  const { namespace, model, revision } = options;
  const identity = { namespace, model, revision };
  const metrics = options.metrics ?? new ReplicaMetrics(identity);
  if ("text" in loaded) {
    const runner = loaded.text;
    try {
      await tryText(runner, options);
    } catch (error) {
      await runner.close();
      throw error;
    }
    log.info("replica ready", { ms: Math.round(clock.monotonic() - started) });
    return new TextReplica({ identity, runner, metrics, clock, log });
  }
  const { runner, batches } = loaded;
  try {
    const signature = matchSignature(runner.signature, options.signature);
    log.info("model loaded", { ms: Math.round(clock.monotonic() - started) });
    const { verify, tolerance } = options.samples ?? defaults.samples;
    const requests = await warmUp({
      signature,
      run: (request) => runAlone(runner, request),
      samples: readSamples(options.directory, options.manifest.samples),
      verify,
      tolerance,
      log,
    });
    const { maxBatchSize } = batches;
    const proof = await proveBatching({ runner, signature, requests, tolerance, maxBatchSize });
    if (proof.batches) log.info("requests share runs", { maxBatchSize, exact: proof.exact });
    else log.info("every request runs alone", { reason: proof.reason });
    const stuck = Promise.withResolvers<SlipwayError>();
    const batcher = new Batcher({
      observer: metrics,
      runner,
      signature,
      maxBatchSize: proof.batches ? maxBatchSize : 1,
      latencyObjectiveMs: batches.latencyObjectiveMs,
      capacity: options.queueLimit ?? defaults.queueLimit,
      clock,
      onStuck: () =>
        stuck.resolve(new SlipwayError("internal", "The model runs on although nobody waits for its answer any more.")),
    });
    const failed = Promise.race([runner.failed, stuck.promise]);
    log.info("replica ready", { ms: Math.round(clock.monotonic() - started) });
    return new Replica({
      identity,
      signature,
      runner,
      failed,
      batcher,
      metrics,
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
  const [reply] = (await runner.predict([request], false)).replies;
  if (reply === undefined) throw new SlipwayError("internal", "The model runner gave no reply.");
  if ("error" in reply) throw reply.error;
  return reply.outputs;
}
