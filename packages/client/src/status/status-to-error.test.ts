import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCodes } from "@slipway/base";
import { codeOfStatus, statusToError } from "./status-to-error.ts";

test("a Kubernetes Status becomes the code of its reason, with every field problem", () => {
  const error = statusToError(422, {
    kind: "Status",
    status: "Failure",
    reason: "Invalid",
    message: "Model.slipway.dev is invalid",
    code: 422,
    details: {
      causes: [
        { reason: "FieldValueRequired", message: "is required", field: "spec.source" },
        { reason: "FieldManagerConflict", message: 'conflict with "kubectl"', field: ".spec.traffic" },
      ],
      retryAfterSeconds: 3,
    },
  });
  assert.equal(error.code, "invalid");
  assert.equal(error.message, "Model.slipway.dev is invalid");
  assert.equal(error.retryAfter, 3);
  assert.deepEqual(error.problems, [
    { path: "spec.source", message: "is required", reason: "FieldValueRequired" },
    { path: ".spec.traffic", message: 'conflict with "kubectl"', reason: "FieldValueInvalid" },
  ]);
});

test("the reason tells apart what shares an HTTP status, and the HTTP status what shares a reason", () => {
  const code = (status: number, reason: string) => statusToError(status, { reason, message: "m" }).code;
  assert.equal(code(409, "Conflict"), "conflict");
  assert.equal(code(409, "AlreadyExists"), "alreadyExists");
  assert.equal(code(410, "Expired"), "expired");
  assert.equal(code(403, "Forbidden"), "forbidden");
  assert.equal(code(421, "Forbidden"), "misdirected");
  assert.equal(code(408, "Timeout"), "requestTimeout");
  assert.equal(code(507, "InsufficientStorage"), "storageFull");
});

test("anything that is no Status is an error of its HTTP status", () => {
  for (const body of [undefined, null, "<html>", 7, [], { message: 5, details: "no", reason: "constructor" }]) {
    const error = statusToError(503, body);
    assert.equal(error.code, "unavailable");
    assert.match(error.message, /503/);
  }
  assert.equal(statusToError(418, {}).code, "badRequest");
  assert.equal(statusToError(599, {}).code, "internal");
});

test("codeOfStatus finds a code for every HTTP status of the table", () => {
  for (const row of Object.values(errorCodes)) assert.equal(errorCodes[codeOfStatus(row.http)].http, row.http);
  assert.equal(codeOfStatus(400), "badRequest");
});
