import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "./canonical-json.ts";

test("canonicalJson() sorts keys at every depth and keeps the order of lists", () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: null }, "x"], a: undefined }), '{"b":[{"c":null,"d":1},"x"]}');
});

test("canonicalJson() is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))),
  );
});
