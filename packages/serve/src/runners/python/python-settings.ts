import { durationMilliseconds } from "@slipway/spec/values";
import { type BatchSettings, batchParameters, batchSettings } from "../batch-settings.ts";
import { ParameterReader, wholeNumberUpTo } from "../parameter-reader.ts";

const mostInstances = 64;
const mostConcurrency = 1024;
const defaultConcurrency = 16;
const defaultTimeoutMs = 300_000;

/** How a Python model is run. */
export interface PythonSettings {
  /** Processes of the model, each with memory of its own. */
  readonly instances: number;
  /** Blocks that run at once in a process whose `predict` is async. */
  readonly concurrency: number;
  /** Threads of numeric libraries in a process. */
  readonly threads: number;
  /** Milliseconds that a run may take before its process is ended. */
  readonly timeoutMs: number;
}

/** Every parameter that the Python runner takes itself; all others are the model's. */
export const pythonParameters = {
  instances: `a whole number from 1 to ${mostInstances}, processes with the model in each; default: 1`,
  concurrency: `a whole number from 1 to ${mostConcurrency}, runs at once in a process, if predict is async; default: ${defaultConcurrency}`,
  predictTimeout: "a duration from 1ms to 24h after which a run is given up and its process replaced; default: 5m",
  ...batchParameters,
} as const;

/** Settings from a model's free-text parameters, and what of them is the model's own. Throws `invalid` with every problem: also for a name that is a parameter of ours but for its case. */
export function pythonSettings(
  parameters: Readonly<Record<string, string>>,
  cpu: number | undefined,
): { readonly process: PythonSettings; readonly batches: BatchSettings; readonly own: Readonly<Record<string, string>> } {
  const reader = new ParameterReader("Python", pythonParameters, parameters);
  const instances = reader.take("instances", wholeNumberUpTo(mostInstances)) ?? 1;
  const concurrency = reader.take("concurrency", wholeNumberUpTo(mostConcurrency)) ?? defaultConcurrency;
  const timeoutMs = reader.take("predictTimeout", milliseconds) ?? defaultTimeoutMs;
  const batches = batchSettings((name, read) => reader.take(name, read));
  const names = Object.keys(pythonParameters);
  const own = Object.entries(parameters).filter(([name]) => !names.includes(name));
  for (const [name] of own) {
    const meant = names.find((known) => plain(known) === plain(name));
    if (meant !== undefined) reader.refuse(name, `the Python runner has no such parameter; did you mean ${meant}?`);
  }
  reader.finish();
  const threads = Math.max(1, Math.floor((cpu ?? 1) / instances));
  return { process: { instances, concurrency, threads, timeoutMs }, batches, own: Object.fromEntries(own) };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

function milliseconds(text: string): number | undefined {
  const ms = durationMilliseconds(text);
  return ms !== undefined && ms >= 1 && ms <= 86_400_000 ? ms : undefined;
}
