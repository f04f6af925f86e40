import assert from "node:assert/strict";
import { root } from "./platform.ts";

/** The body of an error answer: a sentence under `error`, and nothing in it that is not the caller's business. */
export function assertDiscreetError(body: string, message = /./): void {
  const { error } = JSON.parse(body) as { error: unknown };
  assert.equal(typeof error, "string", body);
  assert.match(error as string, message);
  for (const path of [root, "/tmp/", "node_modules", "node:internal"])
    assert.ok(!body.includes(path), `a path in an answer: ${body}`);
  assert.doesNotMatch(body, /\bat .*:\d+:\d+|\\n +at /, "a stack in an answer");
}
