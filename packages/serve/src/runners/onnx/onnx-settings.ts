import { type BatchSettings, batchParameters, batchSettings } from "../batch-settings.ts";
import { ParameterReader, wholeNumberUpTo } from "../parameter-reader.ts";

const optimizations = ["disabled", "basic", "extended", "all"] as const;

const maxThreads = 256;
/** More threads than this inside one operator gain little on most models; another instance gains a whole. */
const usefulThreads = 4;

/** How an ONNX session is set up. */
export interface OnnxSettings {
  /** Sessions of the model, each with a thread and memory of its own. */
  readonly instances: number;
  /** Threads inside one operator. */
  readonly intraOpThreads: number;
  readonly graphOptimization: (typeof optimizations)[number];
}

/** Every parameter of a model that the ONNX runner takes, with what it accepts. The documentation of parameters is checked against it. */
export const onnxParameters = {
  intraOpThreads: `a whole number from 1 to ${maxThreads}; default: the whole CPUs of the CPU limit over the instances, at least 1 and at most ${usefulThreads}`,
  graphOptimization: `one of ${optimizations.join(", ")}; default: all`,
  instances: `a whole number from 1 to ${maxThreads}; default: the whole CPUs of the CPU limit over intraOpThreads, at least 1`,
  ...batchParameters,
} as const;

/** Settings from a model's free-text parameters. `cpu` is the CPU limit in cores; without one a model gets one thread, so that replicas do not fight over cores. Throws `invalid` with every problem. */
export function onnxSettings(
  parameters: Readonly<Record<string, string>>,
  cpu: number | undefined,
): { readonly session: OnnxSettings; readonly batches: BatchSettings } {
  const reader = new ParameterReader("ONNX", onnxParameters, parameters);
  const wanted = {
    intraOpThreads: reader.take("intraOpThreads", wholeNumberUpTo(maxThreads)),
    graphOptimization: reader.take("graphOptimization", (text) => optimizations.find((candidate) => candidate === text)),
    instances: reader.take("instances", wholeNumberUpTo(maxThreads)),
  };
  const batches = batchSettings((name, read) => reader.take(name, read));
  reader.refuseOthers();
  reader.finish();
  const { graphOptimization = "all" } = wanted;
  return { session: { ...threads(Math.max(1, Math.floor(cpu ?? 1)), wanted), graphOptimization }, batches };
}

/** Few CPUs go to one instance: its answers come soonest, and the weights are in memory once. Many are shared by several. */
function threads(
  cpus: number,
  wanted: { readonly instances: number | undefined; readonly intraOpThreads: number | undefined },
): Pick<OnnxSettings, "instances" | "intraOpThreads"> {
  const share = Math.max(1, Math.floor(cpus / (wanted.instances ?? 1)));
  const intraOpThreads = wanted.intraOpThreads ?? Math.min(usefulThreads, share);
  const instances = wanted.instances ?? Math.min(maxThreads, Math.max(1, Math.floor(cpus / intraOpThreads)));
  return { instances, intraOpThreads };
}
