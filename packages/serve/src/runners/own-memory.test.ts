import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { freeBody, freeOutputs, holdsOutputs } from "./own-memory.ts";

describe("freeOutputs()", () => {
  it("frees memory when the last answer in it has been sent", () => {
    const memory = new ArrayBuffer(64);
    holdsOutputs(memory, 2);
    const [one, other] = [new Uint8Array(memory, 0, 32), new Uint8Array(memory, 32)];
    freeOutputs([new Uint8Array(8), one]);
    assert.equal(memory.detached, false);
    freeOutputs([other]);
    assert.equal(memory.detached, true);
  });

  it("counts an answer of several outputs once", () => {
    const memory = new ArrayBuffer(64);
    holdsOutputs(memory, 2);
    freeOutputs([new Uint8Array(memory, 0, 8), new Uint8Array(memory, 8, 8)]);
    assert.equal(memory.detached, false);
  });

  it("leaves memory of which it knows nothing", () => {
    const memory = new ArrayBuffer(64);
    freeOutputs([new Uint8Array(memory), new Uint8Array(new SharedArrayBuffer(8))]);
    assert.equal(memory.detached, false);
  });
});

describe("freeBody()", () => {
  it("frees a large body that fills its memory but for its alignment", () => {
    const memory = new ArrayBuffer(100_007);
    freeBody(new Uint8Array(memory, 7));
    assert.equal(memory.detached, true);
  });

  it("leaves one that lies among others, and a small one", () => {
    const [large, small] = [new ArrayBuffer(200_000), new ArrayBuffer(100)];
    freeBody(new Uint8Array(large, 0, 100_000));
    freeBody(new Uint8Array(small));
    assert.equal(large.detached || small.detached, false);
  });
});
