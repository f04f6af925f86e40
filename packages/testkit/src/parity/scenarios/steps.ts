import type { GoldenVersion } from "../golden.ts";
import type { ParitySource } from "../parity-place.ts";
import type { ApplyStep, Fields, GatewayStep, ModelExpectation, ObserveStep, RememberStep } from "../parity-scenario.ts";

/** Conditions of a Model whose spec is in force. */
export const serving = {
  Ready: { status: "True", reason: "Serving" },
  Progressing: { status: "False", reason: "Complete" },
} as const;

/** The digits model as most scenarios make it. */
export const digitsSpec: Fields = { resources: { cpu: "500m", memory: "512Mi" }, scaling: { minReplicas: 1, maxReplicas: 4 } };

/** Applies a source with {@link digitsSpec}; `spec` is laid over it. */
export function apply(source: ParitySource, spec: Fields = {}, more: Partial<ApplyStep> = {}): ApplyStep {
  return { do: "apply", source, spec: { ...digitsSpec, ...spec }, ...more };
}

/** Waits for what is expected of the Model. */
export function observe(model: ModelExpectation): ObserveStep {
  return { do: "observe", model };
}

/** Waits until the Model's spec is in force with so many replicas. */
export function observeServing(readyReplicas = 1, more: ModelExpectation = {}): ObserveStep {
  return observe({ conditions: serving, readyReplicas, replicas: readyReplicas, ...more });
}

/** The golden request, answered as this version does. */
export function answersAs(golden: GoldenVersion, revision?: string): GatewayStep {
  return { do: "infer", answers: { status: 200, golden, ...(revision === undefined ? {} : { revision }) } };
}

/** Keeps something of the Model. */
export function remember(what: RememberStep["what"], as: string): RememberStep {
  return { do: "remember", what, as };
}

/** The Model serves version 1, and its revision is remembered as `first`. */
export const servesFirst = [
  apply("digits-v1"),
  observeServing(),
  remember("revision", "first"),
  answersAs("v1", "first"),
] as const;

/** After {@link servesFirst}: version 2, remembered as `second`, serves. */
export const servesSecond = [
  apply("digits-v2"),
  observeServing(1, { revision: { isNot: "first" }, revisions: 2 }),
  remember("revision", "second"),
  answersAs("v2", "second"),
] as const;
