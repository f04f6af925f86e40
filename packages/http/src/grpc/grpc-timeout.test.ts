import assert from "node:assert/strict";
import { test } from "node:test";
import { grpcTimeout } from "./grpc-timeout.ts";

test("grpcTimeout() reads every unit and refuses all else", () => {
  const good: [string, number][] = [
    ["1H", 3_600_000],
    ["2M", 120_000],
    ["3S", 3_000],
    ["150m", 150],
    ["0m", 0],
    ["5000u", 5],
    ["1000000n", 1],
    ["99999999H", 99_999_999 * 3_600_000],
  ];
  for (const [text, ms] of good) assert.ok(Math.abs(grpcTimeout(text)! - ms) < 1e-6, text);
  assert.equal(grpcTimeout(undefined), undefined);
  for (const text of ["", "1", "m", "1s", "-1S", "1.5S", "1 S", "123456789S", "1SS", ["1S"], "1e3S"])
    assert.throws(() => grpcTimeout(text), { code: "badRequest" }, String(text));
});
