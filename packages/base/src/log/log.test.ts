import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../clock/virtual-clock.ts";
import { SlipwayError } from "../errors/slipway-error.ts";
import { createLog } from "./log.ts";

test("each line is one JSON object with time, level, message and fields", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), clock: new VirtualClock(0), fields: { component: "test" } });
  log.with({ model: "digits" }).warn("careful", { error: new Error("inner\nline"), count: 2 });
  log.debug("below the level");
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.endsWith("}\n") && lines[0]!.indexOf("\n") === lines[0]!.length - 1);
  const entry = JSON.parse(lines[0]!);
  assert.deepEqual(
    [entry.time, entry.level, entry.message, entry.component, entry.model, entry.count],
    ["1970-01-01T00:00:00.000Z", "warn", "careful", "test", "digits", 2],
  );
  assert.equal(entry.error.message, "inner\nline");
});

test("what is explained carries its code and no stack, and a fault of ours its stack", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), clock: new VirtualClock(0) });
  const inner = new Error("socket hang up");
  log.warn("explained", { error: new SlipwayError("forbidden", "You may not.", { hint: "Ask.", cause: inner }) });
  log.warn("a fault", { error: SlipwayError.from(inner) });
  const [explained, fault] = lines.map((line) => JSON.parse(line).error);
  assert.deepEqual(explained, { code: "forbidden", message: "You may not.", hint: "Ask.", cause: "socket hang up" });
  assert.match(fault.stack, /SlipwayError/);
  assert.match(fault.cause.stack, /socket hang up/);
});
