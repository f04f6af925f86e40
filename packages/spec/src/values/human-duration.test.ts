import assert from "node:assert/strict";
import { test } from "node:test";
import { humanDuration } from "./human-duration.ts";

/** Seconds → text, as `duration.HumanDuration` of k8s.io/apimachinery v0.34.4 gives it. */
const rows: [seconds: number, text: string][] = [
  [-2, "<invalid>"],
  [-1, "0s"],
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [179, "2m59s"],
  [600, "10m"],
  [3599, "59m"],
  [10799, "179m"],
  [10800, "3h"],
  [10860, "3h1m"],
  [28800, "8h"],
  [172799, "47h"],
  [172800, "2d"],
  [691199, "7d23h"],
  [691200, "8d"],
  [63071999, "729d"],
  [63072000, "2y"],
  [63158400, "2y1d"],
  [252288000, "8y"],
];

for (const [seconds, text] of rows) {
  test(`humanDuration() shows ${seconds} s as ${text}`, () => assert.equal(humanDuration(seconds * 1000), text));
}
