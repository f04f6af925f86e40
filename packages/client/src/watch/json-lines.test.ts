import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLines } from "./json-lines.ts";

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield bytes.subarray(from, Math.min(cut, bytes.length));
    from = Math.min(cut, bytes.length);
  }
  yield bytes.subarray(from);
}

test("jsonLines gives every value however the bytes are cut, inside characters, too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat(200)), async (values, cuts) => {
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
      const found = await Array.fromAsync(jsonLines(pieces(new TextEncoder().encode(text), cuts)));
      assert.deepEqual(
        found.map((value) => JSON.stringify(value)),
        values.map((value) => JSON.stringify(value)),
      );
    }),
    { numRuns: 100 },
  );
});

test("jsonLines drops a last line that was cut off", async () => {
  const found = await Array.fromAsync(jsonLines(pieces(new TextEncoder().encode('{"a":1}\n\n{"b":'), [])));
  assert.deepEqual(found, [{ a: 1 }]);
});
