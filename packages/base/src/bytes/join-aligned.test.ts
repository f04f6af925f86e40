import assert from "node:assert/strict";
import { it } from "node:test";
import { joinAligned } from "./join-aligned.ts";

it("joinAligned() joins all chunks and aligns the place it is told", () => {
  const chunks = [Uint8Array.of(1, 2, 3), Uint8Array.of(), Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11, 12)];
  for (let alignAt = 0; alignAt <= 12; alignAt += 1) {
    const joined = joinAligned(chunks, 12, alignAt, (length) => new Uint8Array(length));
    assert.deepEqual([...joined], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.equal((joined.byteOffset + alignAt) % 8, 0);
  }
});
