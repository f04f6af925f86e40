import type { Model } from "@slipway/spec";
import type { Fields, ModelExpectation } from "./parity-scenario.ts";

/** A Model and what belongs to it, as the API gives it. */
export interface SeenModel {
  readonly model: Model | undefined;
  readonly revisions: readonly string[];
  /** Reasons of its events. */
  readonly events: readonly string[];
}

/** How a replica is told from its successor: they may have the same name. */
export function instancesOf(model: Model): string {
  const instances = model.status?.instances ?? [];
  return JSON.stringify(instances.map(({ name, startedAt, pid }) => [name, startedAt, pid]).sort());
}

/** What is not as expected, or undefined. `remembered` gives what was kept under a name. */
export function unlikeExpected(
  { model, revisions, events }: SeenModel,
  expected: ModelExpectation,
  remembered: (name: string) => string,
): string | undefined {
  if (expected.gone) {
    if (model !== undefined) return `the Model is there: ${conditions(model)}`;
    return revisions.length === 0 ? undefined : `Revisions are left: ${revisions.join(", ")}`;
  }
  if (model === undefined) return "the Model is not there";
  const { status, metadata } = model;
  if (status?.observedGeneration !== metadata.generation)
    return `the status speaks of generation ${status?.observedGeneration}, not ${metadata.generation}`;
  const problems = [
    ...conditionProblems(model, expected),
    unequal("replicas", status?.replicas ?? 0, expected.replicas),
    unequal("readyReplicas", status?.readyReplicas ?? 0, expected.readyReplicas),
    unequal("Revisions", revisions.length, expected.revisions),
    unequal("traffic", shares(status?.traffic ?? []), expected.traffic && shares(named(expected.traffic, remembered))),
    identity("latestRevision", status?.latestRevision, expected.revision, remembered),
    identity("uid", metadata.uid, expected.uid, remembered),
    identity("resourceVersion", metadata.resourceVersion, expected.resourceVersion, remembered),
    instanceProblem(model, expected.instances, remembered),
    ...(expected.events ?? []).filter((reason) => !events.includes(reason)).map((reason) => `no event ${reason} among ${events}`),
    expected.has && lacking(model, expected.has),
  ];
  return problems.find((problem) => problem !== undefined);
}

/** The first field that is not there as expected, or undefined. */
export function lacking(value: unknown, expected: unknown, path = ""): string | undefined {
  if (typeof expected !== "object" || expected === null) return unequal(path || "the answer", value, expected);
  if (typeof value !== "object" || value === null) return `${path || "the answer"} is ${JSON.stringify(value)}`;
  for (const [key, inner] of Object.entries(expected)) {
    const problem = lacking((value as Fields)[key], inner, path === "" ? key : `${path}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function conditionProblems(model: Model, expected: ModelExpectation): (string | undefined)[] {
  return Object.entries(expected.conditions ?? {}).map(([type, { status, reason, says }]) => {
    const found = model.status?.conditions?.find((condition) => condition.type === type);
    const as =
      found !== undefined &&
      (status === undefined || status === found.status) &&
      (reason === undefined || reason === found.reason) &&
      (says === undefined || new RegExp(says).test(found.message));
    return as ? undefined : `${type} should be ${JSON.stringify({ status, reason, says })}; ${conditions(model)}`;
  });
}

function instanceProblem(model: Model, expected: ModelExpectation["instances"], remembered: (name: string) => string) {
  if (expected === undefined) return undefined;
  const now = instancesOf(model);
  if ("are" in expected) {
    const before = JSON.parse(remembered(expected.are)) as unknown[];
    const missing = before.filter((instance) => !now.includes(JSON.stringify(instance)));
    return missing.length === 0 ? undefined : `replicas were started anew: ${JSON.stringify(missing)} are not among ${now}`;
  }
  return now === remembered(expected.areNot) ? `the replicas are still the same: ${now}` : undefined;
}

function identity(
  what: string,
  value: string | undefined,
  expected: { readonly is: string } | { readonly isNot: string } | undefined,
  remembered: (name: string) => string,
): string | undefined {
  if (expected === undefined) return undefined;
  if ("is" in expected) return unequal(what, value, remembered(expected.is));
  return value !== remembered(expected.isNot) ? undefined : `${what} is still ${value}`;
}

function unequal(what: string, value: unknown, expected: unknown): string | undefined {
  if (expected === undefined || value === expected) return undefined;
  return `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(value)}`;
}

function named(traffic: Readonly<Record<string, number>>, remembered: (name: string) => string) {
  return Object.entries(traffic).map(([name, percent]) => ({ revision: remembered(name), percent }));
}

function shares(traffic: readonly { readonly revision: string; readonly percent: number }[]): string {
  return traffic
    .filter(({ percent }) => percent > 0)
    .map(({ revision, percent }) => `${revision} ${percent} %`)
    .sort()
    .join(", ");
}

function conditions(model: Model): string {
  const told = (model.status?.conditions ?? []).filter(({ type }) => type === "Ready" || type === "Progressing");
  return told.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`).join("; ");
}
