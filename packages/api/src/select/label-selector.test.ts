import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLabelSelector } from "./label-selector.ts";

const objects = {
  front: { app: "a", tier: "front" },
  back: { app: "a", tier: "back" },
  bare: undefined,
  other: { "x.io/app": "b", app: "" },
};

const selections: [string, (keyof typeof objects)[]][] = [
  ["", ["front", "back", "bare", "other"]],
  [" ", ["front", "back", "bare", "other"]],
  ["app=a", ["front", "back"]],
  ["app == a", ["front", "back"]],
  ["app=a,tier=front", ["front"]],
  ["app!=a", ["bare", "other"]],
  ["tier in (front, back)", ["front", "back"]],
  ["tier in (front),app=a", ["front"]],
  ["tier notin (front)", ["back", "bare", "other"]],
  ["tier", ["front", "back"]],
  ["!tier", ["bare", "other"]],
  ["! tier", ["bare", "other"]],
  ["x.io/app=b", ["other"]],
  ["app=", ["other"]],
  ["constructor", []],
];

for (const [text, selected] of selections) {
  test(`parseLabelSelector(${JSON.stringify(text)}) selects ${selected.join(", ") || "nothing"}`, () => {
    const matches = parseLabelSelector(text);
    assert.deepEqual(
      Object.entries(objects).flatMap(([name, labels]) => (matches(labels) ? [name] : [])),
      selected,
    );
  });
}

for (const text of [
  "a b",
  "=a",
  "a=b=c",
  "a in",
  "a in b",
  "a in (b",
  "a,,b",
  "a=b,",
  "-a=b",
  "a=-",
  "a>3",
  "a in (b),(c)",
  "/x=y",
]) {
  test(`parseLabelSelector(${JSON.stringify(text)}) is refused`, () => {
    assert.throws(() => parseLabelSelector(text), /unable to parse requirement/);
  });
}
