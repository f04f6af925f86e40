import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDeleteOptions } from "./parse-delete-options.ts";
import { parseScale } from "./parse-scale.ts";

const scale = (replicas: unknown) => ({
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { name: "digits", creationTimestamp: null },
  spec: { replicas },
});

test("parseScale() reads what kubectl scale sends", () => {
  const parsed = parseScale({ ...scale(3), status: { replicas: 1 } });
  assert.ok(parsed.ok);
  assert.equal(parsed.value.spec.replicas, 3);
});

test("parseScale() refuses zero, a number too high, and text", () => {
  const messages = [0, 1001, "3"].map((replicas) => {
    const parsed = parseScale(scale(replicas));
    return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
  });
  assert.deepEqual(messages, [
    ["spec.replicas: expected at least 1, found 0: scaling to zero is not there yet"],
    ["spec.replicas: expected at most 1000, found the number 1001"],
    ['spec.replicas: expected a whole number, found the text "3"'],
  ]);
});

test("parseDeleteOptions() reads what kubectl delete sends, and refuses what it does not know", () => {
  const options = { kind: "DeleteOptions", apiVersion: "slipway.dev/v1alpha1", propagationPolicy: "Background", dryRun: ["All"] };
  assert.deepEqual(parseDeleteOptions(options), { ok: true, value: options });
  const parsed = parseDeleteOptions({ propagationPolicy: "background", gracePeriod: 3 });
  assert.ok(!parsed.ok);
  assert.deepEqual(
    parsed.problems.map(({ path, message }) => `${path}: ${message}`),
    [
      'propagationPolicy: expected one of "Orphan", "Background", "Foreground", found the text "background"; did you mean "Background"?',
      'gracePeriod: unknown field; did you mean "gracePeriodSeconds"?',
    ],
  );
});
