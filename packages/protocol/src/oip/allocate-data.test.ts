import assert from "node:assert/strict";
import { it } from "node:test";
import { allocateData } from "./allocate-data.ts";
import { datatypes } from "./datatype.ts";

it("allocateData() gives zeros that no other tensor has, of every size", () => {
  const given: Uint8Array[] = [];
  for (let round = 0; round < 200; round += 1) {
    for (const row of [datatypes.UINT8, datatypes.FP64, datatypes.FP16]) {
      for (const count of [0, 1, 3, 100, 512, 513, 5_000]) {
        const data = allocateData(row, count);
        assert.equal(data.length, count);
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        assert.ok(bytes.every((byte) => byte === 0));
        bytes.fill(1);
        given.push(bytes);
      }
    }
  }
  for (const [index, bytes] of given.entries()) bytes.fill(index % 251);
  for (const [index, bytes] of given.entries()) assert.ok(bytes.every((byte) => byte === index % 251));
});
