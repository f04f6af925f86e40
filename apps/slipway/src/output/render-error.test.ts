import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import { errorJson, errorText, presentable } from "./render-error.ts";
import { painter } from "./style.ts";

const error = new SlipwayError("invalid", "The manifest has a problem.", {
  hint: "Mend it.",
  problems: [
    {
      path: "spec.replicas",
      message: "must be at least 1",
      reason: "FieldValueInvalid",
      file: "m.yaml",
      line: 3,
      column: 5,
    } as never,
  ],
  cause: new Error("internal detail"),
});

test("an error for people has its problems with their place, and the hint", () => {
  const text = errorText(error, painter({ env: {} }, { isTTY: false }));
  assert.equal(text, "error: The manifest has a problem.\n  m.yaml:3:5: spec.replicas: must be at least 1\nhint: Mend it.\n");
});

test("an error for scripts has the same as JSON, and no cause", () => {
  assert.deepEqual(JSON.parse(errorJson(error)), {
    error: {
      code: "invalid",
      message: "The manifest has a problem.",
      hint: "Mend it.",
      problems: [
        { path: "spec.replicas", message: "must be at least 1", reason: "FieldValueInvalid", file: "m.yaml", line: 3, column: 5 },
      ],
    },
  });
});

test("colours come only on a terminal that wants them", () => {
  const paint = (isTTY: boolean, env: Record<string, string>) => painter({ env }, { isTTY })("bad", "x");
  assert.equal(paint(true, {}), "\u001b[31mx\u001b[39m");
  assert.equal(paint(false, {}), "x");
  assert.equal(paint(true, { NO_COLOR: "1" }), "x");
  assert.equal(paint(true, { TERM: "dumb" }), "x");
});

test("text from elsewhere cannot steer the terminal", () => {
  const text = errorText(new SlipwayError("internal", "a\u001b[2Jb\u0007"), painter({ env: {} }, { isTTY: false }));
  assert.equal(text, "error: a\\x1b[2Jb\\x07\n");
});

test("an error of the system is shown with the system's own words", () => {
  const system = Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES" });
  assert.equal(presentable(system).message, "EACCES: permission denied, open '/x'.");
  assert.equal(presentable(Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" })).code, "storageFull");
  assert.equal(presentable(error), error);
});
