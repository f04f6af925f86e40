import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { duplicateKey } from "./duplicate-key.ts";

test("duplicateKey names the first key that occurs twice", () => {
  assert.equal(duplicateKey('{"a":1,"a":2}'), "a");
  assert.equal(duplicateKey('{"spec":{"x":[{"b":1},{"b":1,"b":2}]}}'), "spec.x[1].b");
  assert.equal(duplicateKey('{"a":1,"\\u0061":2}'), "a");
  assert.equal(duplicateKey(`{"a" :1, "a"${" ".repeat(100)}\n:2}`), "a");
});

test("duplicateKey is not misled by strings and siblings", () => {
  for (const text of ['{"a":"a","b":{"a":"}{"},"c":[{"a":1},{"a":1}]}', '["a","a"]', '"a"', "1", '{"a":"\\"a\\":","b":"\\\\"}']) {
    assert.equal(duplicateKey(text), undefined, text);
  }
});

test("duplicateKey finds none in what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(duplicateKey(JSON.stringify(value, undefined, 1)), undefined);
    }),
  );
});
