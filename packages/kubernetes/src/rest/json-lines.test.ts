import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLines } from "./json-lines.ts";

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("values come whole, however the bytes were cut; a last line without its end is dropped", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), async (values, size) => {
      const text = `${values.map((value) => `${JSON.stringify(value)}\n`).join("")}{"type":"ADD`;
      const seen = await Array.fromAsync(jsonLines(chunks(new TextEncoder().encode(text), size)));
      assert.deepEqual(seen, JSON.parse(JSON.stringify(values)));
    }),
    { numRuns: 50 },
  );
});
