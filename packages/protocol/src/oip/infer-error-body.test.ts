import assert from "node:assert/strict";
import { it } from "node:test";
import { SlipwayError } from "@slipway/base";
import { inferErrorBody } from "./infer-error-body.ts";

it("inferErrorBody() holds message, problems and hint, and nothing of the cause", () => {
  const error = new SlipwayError("invalid", "It is wrong.", {
    hint: "Make it right.",
    problems: [{ path: "spec.x", message: "must be 1", reason: "FieldValueInvalid" }],
    cause: new Error("secret"),
  });
  assert.deepEqual(inferErrorBody(error), { error: "It is wrong. spec.x: must be 1. Make it right." });
});
