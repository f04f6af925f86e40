import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCodes } from "./error-codes.ts";
import { SlipwayError } from "./slipway-error.ts";
import { fromWireError, toWireError } from "./wire-error.ts";

test("every code gives a fitting HTTP status, gRPC status and exit code", () => {
  for (const [code, row] of Object.entries(errorCodes)) {
    assert.ok(row.http >= 400 && row.http <= 599, `${code}: ${row.http}`);
    assert.ok(row.grpc >= 1 && row.grpc <= 16, `${code}: ${row.grpc}`);
    assert.ok(row.exit >= 1 && row.exit <= 7, `${code}: ${row.exit}`);
  }
});

test("from() keeps an own error and hides the text of an unknown one", () => {
  const own = new SlipwayError("notFound", "no such model");
  assert.equal(SlipwayError.from(own), own);
  const unknown = SlipwayError.from(new Error("secret in /home/user"));
  assert.equal(unknown.code, "internal");
  assert.ok(!unknown.message.includes("secret"));
  assert.equal((unknown.cause as Error).message, "secret in /home/user");
});

test("from() knows a full disk, a read-only file system and an abort", () => {
  const system = (code: string) => SlipwayError.from(Object.assign(new Error(code), { code })).code;
  assert.deepEqual(["ENOSPC", "EDQUOT", "EROFS", "ENOENT"].map(system), [
    "storageFull",
    "storageFull",
    "storageFull",
    "internal",
  ]);
  assert.equal(SlipwayError.from(new DOMException("stop", "AbortError")).code, "cancelled");
});

test("an error crosses a process boundary whole, without its stack", () => {
  const error = new SlipwayError("invalid", "wrong", {
    hint: "mend it",
    problems: [{ path: "spec.x", message: "unknown", reason: "FieldUnknown" }],
    retryAfter: 3,
    cause: new Error("inner"),
  });
  const wire = JSON.parse(JSON.stringify(toWireError(error)));
  assert.ok(!JSON.stringify(wire).includes("inner"));
  const back = fromWireError(wire);
  assert.deepEqual(
    [back.code, back.message, back.hint, back.problems, back.retryAfter],
    [error.code, error.message, error.hint, error.problems, 3],
  );
  assert.equal(fromWireError({ ...wire, code: "no such code" }).code, "internal");
});
