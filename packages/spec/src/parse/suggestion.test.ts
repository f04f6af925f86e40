import assert from "node:assert/strict";
import { test } from "node:test";
import { suggestion } from "./suggestion.ts";

const fields = ["minReplicas", "maxReplicas", "cpu", "memory", "FP16", "FP32", "gracePeriodSeconds"];

const rows: [typed: string, meant: string | undefined][] = [
  ["minReplica", "minReplicas"],
  ["min_replicas", "minReplicas"],
  ["MAXREPLICAS", "maxReplicas"],
  ["cup", "cpu"],
  ["memroy", "memory"],
  ["FP23", "FP32"],
  ["gracePeriod", "gracePeriodSeconds"],
  ["gr", undefined],
  ["aardvark", undefined],
  ["", undefined],
  ["x".repeat(1000), undefined],
];

for (const [typed, meant] of rows) {
  test(`suggestion() for ${JSON.stringify(typed.slice(0, 20))} is ${meant}`, () =>
    assert.equal(suggestion(typed, fields), meant));
}
