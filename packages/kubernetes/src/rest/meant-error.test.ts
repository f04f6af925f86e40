import assert from "node:assert/strict";
import { test } from "node:test";
import { meantError } from "./meant-error.ts";

test("a caller's fault that a server calls its own is the caller's", () => {
  const code = (status: number, message: string) => meantError(status, { kind: "Status", code: status, message }).code;
  assert.equal(code(500, "etcdserver: request is too large"), "tooLarge");
  assert.equal(code(500, "failed to create typed patch object (default/m): .spec.no: field not declared in schema"), "invalid");
  assert.equal(code(500, "it broke"), "internal");
  assert.equal(code(503, "etcdserver: request is too large"), "unavailable");
});
