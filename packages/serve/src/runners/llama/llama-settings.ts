import { availableParallelism } from "node:os";
import type { FieldProblem } from "@slipway/base";
import { ParameterReader, wholeNumberUpTo } from "../parameter-reader.ts";
import { refusedParameters } from "../refused-parameters.ts";
import type { RunnerWishes } from "../runner-table.ts";

const leastContext = 32;
const mostContext = 1_048_576;
const mostSequences = 256;
const mostThreads = 256;
const defaultContext = 4_096;
const defaultSequences = 4;

/** How a model of text is set up. */
export interface LlamaSettings {
  /** Tokens of a request and its answer; undefined means the default, which the model's own limit bounds. */
  readonly contextSize: number | undefined;
  readonly sequences: number;
  readonly threads: number;
}

/** Every parameter that the llama runner takes, with what it accepts. */
export const llamaParameters = {
  contextSize: `a whole number from ${leastContext} to ${mostContext}, the tokens of a request and its answer together; default: what the model was trained for, at most ${defaultContext}`,
  sequences: `a whole number from 1 to ${mostSequences}, the requests that run at the same time, each with memory for a context of its own; default: ${defaultSequences}`,
  threads: `a whole number from 1 to ${mostThreads}; default: the whole CPUs of the CPU limit, without one those of the machine`,
} as const;

/** Settings from a model's free-text parameters. `cpu` is the CPU limit in cores. Throws `invalid` with every problem. */
export function llamaSettings(parameters: Readonly<Record<string, string>>, cpu: number | undefined): LlamaSettings {
  const reader = new ParameterReader("llama", llamaParameters, parameters);
  const contextSize = reader.take("contextSize", readContext);
  const sequences = reader.take("sequences", wholeNumberUpTo(mostSequences)) ?? defaultSequences;
  const threads = reader.take("threads", wholeNumberUpTo(mostThreads)) ?? Math.max(1, Math.floor(cpu ?? availableParallelism()));
  reader.refuseOthers();
  reader.finish();
  return { contextSize, sequences, threads };
}

/** The context of a model that was trained for so many tokens. */
export function contextSizeFor({ contextSize }: LlamaSettings, trained: number): number {
  return contextSize ?? Math.min(trained, defaultContext);
}

/** Every field of a Model that the llama runner would refuse. */
export function llamaRefusals({ parameters = {}, device }: RunnerWishes): readonly FieldProblem[] {
  const problems = refusedParameters(() => llamaSettings(parameters, 1));
  if (device === undefined) return problems;
  const message = `the llama runner computes on CPUs only, so ${device} would stay idle; leave it out`;
  return [{ path: "spec.resources.gpu", message, reason: "FieldValueForbidden" }, ...problems];
}

function readContext(text: string): number | undefined {
  const size = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 0;
  return size >= leastContext && size <= mostContext ? size : undefined;
}
