import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import { sampleModel, sampleSecret } from "@slipway/testkit";
import { admit } from "./admit.ts";

const now = Date.parse("2026-01-01T00:00:00.900Z");

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    return error instanceof SlipwayError ? error.problems.map(({ path, message }) => `${path}: ${message}`) : [String(error)];
  }
  return [];
}

test("admit is pure: the same write twice gives the same, and its input is as it was", () => {
  const next = sampleModel("m", { replicas: 2 });
  const copy = structuredClone(next);
  const first = admit({ next, manager: "kubectl", now, uid: "u" });
  assert.deepEqual(admit({ next, manager: "kubectl", now, uid: "u" }), first);
  assert.deepEqual(next, copy);
  assert.equal(Object.isFrozen(next.metadata), false);
  assert.equal(first.metadata.creationTimestamp, "2026-01-01T00:00:00Z");
  assert.equal(admit({ old: first, next: first, manager: "another", now: now + 60_000, uid: "v" }).metadata.uid, "u");
  assert.deepEqual(admit({ old: first, next: first, manager: "another", now: now + 60_000, uid: "v" }), first);
});

test("what a writer says of system fields does not count when it creates", () => {
  const metadata = {
    uid: "mine",
    generation: 7,
    resourceVersion: "9",
    creationTimestamp: "2020-01-01T00:00:00Z",
    deletionGracePeriodSeconds: 5,
  };
  const made = admit({ next: sampleModel("m", {}, metadata), manager: "kubectl", now, uid: "u" });
  const { managedFields: _managed, ...rest } = made.metadata;
  assert.deepEqual(rest, { name: "m", namespace: "default", uid: "u", generation: 1, creationTimestamp: "2026-01-01T00:00:00Z" });
});

test("kinds of Kubernetes' own have no generation", () => {
  assert.equal(admit({ next: sampleSecret("s"), manager: "kubectl", now, uid: "u" }).metadata.generation, undefined);
});

test("anything may come in; what is no object is refused with its problems", () => {
  for (const wrong of [
    { metadata: "text" },
    { metadata: null },
    { metadata: [1] },
    { metadata: { name: "m", namespace: "default", labels: 3 } },
  ]) {
    const next = { ...sampleModel("m"), ...wrong } as unknown as Resource;
    assert.notDeepEqual(
      problemsOf(() => admit({ next, manager: "kubectl", now, uid: "u" })),
      [],
    );
    assert.notDeepEqual(
      problemsOf(() => admit({ next, manager: "kubectl", operation: "Apply", now, uid: "u" })),
      [],
    );
  }
  const keyless = sampleModel("m", { traffic: [{ percent: 100 }] });
  const problems = problemsOf(() => admit({ next: keyless, manager: "kubectl", operation: "Apply", now, uid: "u" }));
  assert.match(problems.join(), /^spec\.traffic\[0\]\.revision: required/);
});

test("the fields of an immutable spec that changed are named, leaves only", () => {
  const old = admit({
    next: sampleSecret("s", {}, { immutable: true, data: { a: "YQ==", b: "Yg==" } }),
    manager: "kubectl",
    now,
    uid: "u",
  });
  const next = { ...old, data: { a: "YQ==", b: "YQ==", c: "YQ==" } } as Resource;
  assert.deepEqual(
    problemsOf(() => admit({ old, next, manager: "kubectl", now, uid: "u" })),
    ["data.b: field is immutable", "data.c: field is immutable"],
  );
});
