import assert from "node:assert/strict";
import { test } from "node:test";
import { durationMilliseconds, parseDuration } from "./duration.ts";

/** Text → nanoseconds, as Go's `time.ParseDuration` gives them. */
const accepted: [text: string, nanoseconds: bigint][] = [
  ["0", 0n],
  ["-0", 0n],
  ["+0", 0n],
  ["1s", 1_000_000_000n],
  ["-1s", -1_000_000_000n],
  ["1m30s", 90_000_000_000n],
  ["300ms", 300_000_000n],
  ["1.5h", 5_400_000_000_000n],
  ["1h2m3.5s", 3_723_500_000_000n],
  [".5s", 500_000_000n],
  ["1.s", 1_000_000_000n],
  ["0.3h", 1_080_000_000_000n],
  ["1us", 1_000n],
  ["1µs", 1_000n],
  ["1μs", 1_000n],
  ["0.000000000001s", 0n],
  ["0.9223372036854775808s", 922_337_203n],
  ["9223372036854775807ns", 9_223_372_036_854_775_807n],
  ["-9223372036854775808ns", -9_223_372_036_854_775_808n],
  ["2562047h47m16.854775807s", 9_223_372_036_854_775_807n],
];

for (const [text, nanoseconds] of accepted) {
  test(`parseDuration() reads ${text}`, () => assert.equal(parseDuration(text), nanoseconds));
}

const refused = [
  "",
  "1",
  "s",
  ".s",
  "1ss",
  "1 s",
  "1d",
  "1H",
  "1e3s",
  "--1s",
  "1s-1s",
  "3s4",
  "9223372036854775808ns",
  "99999999999h",
];

for (const text of refused) {
  test(`parseDuration() refuses ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), undefined));
}

test("durationMilliseconds() keeps fractions", () => {
  assert.equal(durationMilliseconds("1m30s"), 90_000);
  assert.equal(durationMilliseconds("1500us"), 1.5);
  assert.equal(durationMilliseconds("soon"), undefined);
});
