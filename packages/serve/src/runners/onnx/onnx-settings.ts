import { type FieldProblem, SlipwayError } from "@slipway/base";
import { durationMilliseconds } from "@slipway/spec/values";

const optimizations = ["disabled", "basic", "extended", "all"] as const;

const maxThreads = 256;
const maxBatchRows = 4096;
const defaultBatchRows = 64;
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

/** How requests become batches. */
export interface BatchSettings {
  /** Rows that go through the model together at most; 1 means that every request goes alone. */
  readonly maxBatchSize: number;
  /** Milliseconds from a request's arrival to its answer; undefined means as soon as possible, and none is given up. */
  readonly latencyObjectiveMs: number | undefined;
}

/** Every parameter of a model that the ONNX runner takes, with what it accepts. The documentation of parameters is checked against it. */
export const onnxParameters = {
  intraOpThreads: `a whole number from 1 to ${maxThreads}; default: the whole CPUs of the CPU limit over the instances, at least 1 and at most ${usefulThreads}`,
  graphOptimization: `one of ${optimizations.join(", ")}; default: all`,
  instances: `a whole number from 1 to ${maxThreads}; default: the whole CPUs of the CPU limit over intraOpThreads, at least 1`,
  maxBatchSize: `a whole number from 1 to ${maxBatchRows}, 1 for no batches; default: ${defaultBatchRows}`,
  latencyObjective: "a duration from 1ms to 1h, such as 50ms or 1.5s; default: none",
} as const;

/** Settings from a model's free-text parameters. `cpu` is the CPU limit in cores; without one a model gets one thread, so that replicas do not fight over cores. Throws `invalid` with every problem. */
export function onnxSettings(
  parameters: Readonly<Record<string, string>>,
  cpu: number | undefined,
): { readonly session: OnnxSettings; readonly batches: BatchSettings } {
  const problems: FieldProblem[] = [];
  const refuse = (name: string, message: string, reason: FieldProblem["reason"]) =>
    problems.push({ path: `spec.parameters.${name}`, message, reason });
  const take = <Name extends keyof typeof onnxParameters, Value>(name: Name, read: (text: string) => Value | undefined) => {
    const text = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (text === undefined) return undefined;
    const value = read(text);
    const reason = name === "graphOptimization" ? "FieldValueNotSupported" : "FieldValueInvalid";
    if (value === undefined) refuse(name, `must be ${onnxParameters[name]}; got ${JSON.stringify(text)}`, reason);
    return value;
  };
  const wanted = {
    intraOpThreads: take("intraOpThreads", (text) => wholeNumber(text, maxThreads)),
    graphOptimization: take("graphOptimization", (text) => optimizations.find((candidate) => candidate === text)),
    instances: take("instances", (text) => wholeNumber(text, maxThreads)),
    maxBatchSize: take("maxBatchSize", (text) => wholeNumber(text, maxBatchRows)),
    latencyObjectiveMs: take("latencyObjective", milliseconds),
  };
  for (const name of Object.keys(parameters))
    if (!Object.hasOwn(onnxParameters, name)) refuse(name, "the ONNX runner has no such parameter", "FieldValueNotSupported");
  if (problems.length === 0) {
    const { graphOptimization = "all", maxBatchSize = defaultBatchRows, latencyObjectiveMs } = wanted;
    return {
      session: { ...threads(Math.max(1, Math.floor(cpu ?? 1)), wanted), graphOptimization },
      batches: { maxBatchSize, latencyObjectiveMs },
    };
  }
  throw new SlipwayError("invalid", "The model's parameters are not what the ONNX runner takes.", {
    problems,
    hint: `Allowed: ${Object.entries(onnxParameters)
      .map(([name, accepts]) => `${name} (${accepts})`)
      .join("; ")}.`,
  });
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

function wholeNumber(text: string, most: number): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function milliseconds(text: string): number | undefined {
  const ms = durationMilliseconds(text);
  return ms !== undefined && ms >= 1 && ms <= 3_600_000 ? ms : undefined;
}
