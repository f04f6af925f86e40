import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { type InferRequest, parseInferRequest } from "@slipway/protocol";
import fc from "fast-check";
import { startFixtureRunner, tensorJson } from "../../fixtures/start-fixture.ts";
import { proveBatching } from "./prove-batching.ts";

const tolerance = { absolute: 1e-5, relative: 1e-5 };

async function prove(t: TestContext, name: string, inputs?: readonly unknown[], maxBatchSize = 64) {
  const runner = await startFixtureRunner(t, name);
  const { signature } = runner;
  const requests = inputs === undefined ? [] : [parseInferRequest(Buffer.from(JSON.stringify({ inputs })), signature)];
  return proveBatching({ runner, signature, requests, tolerance, maxBatchSize });
}

describe("proveBatching()", () => {
  for (const name of ["arithmetic", "classifier", "lookup", "masked", "identity-bytes", "identity-fp16", "every-type"])
    it(`finds that ${name} answers each request of a batch as alone, to the last bit`, async (t) => {
      assert.deepEqual(await prove(t, name), { batches: true, exact: true });
    });

  it("finds that a batch is rounded in another way than one row, within the tolerance", async (t) => {
    const values = Array.from({ length: 5 }, (_, index) => 1 + index / 7);
    assert.deepEqual(await prove(t, "logarithm", [tensorJson("x", "FP32", [5], values)]), { batches: true, exact: false });
  });

  for (const [name, pattern] of [
    ["softmax-rows", /^in a batch of 2 requests an answer is another than alone: output "y"\[0\]\[0\]: expected 1, got 0/],
    ["running-sum", /^in a batch of 2 requests an answer is another than alone/],
    ["total", /^the first dimension of its output "y" is always 1$/],
    ["twice", /^2 requests at once fail, or have not a row of each output for each row of the inputs$/],
    ["zeros", /^the first dimension of its input "count" is always 1$/],
    ["reshape", /^the first dimension of its input "x" is always 6$/],
  ] as const)
    it(`refuses ${name}`, async (t) => {
      const proof = await prove(t, name);
      assert.ok(!proof.batches);
      assert.match(proof.reason, pattern);
    });

  it("refuses a model that computes across axis 0 by values that hide it, as well", async (t) => {
    // The running sum of zeros is zero, alone and together.
    const proof = await prove(t, "running-sum", [tensorJson("x", "FP32", [1, 3], [0, 0, 0])]);
    assert.deepEqual(proof, { batches: false, reason: "an answer depends on the values of the requests beside it" });
  });

  it("refuses what it has no values for, and what was not asked for", async (t) => {
    const proof = await prove(t, "lookup", [tensorJson("index", "INT64", [1], [9])]);
    assert.deepEqual(proof, { batches: false, reason: "it has no sample, and does not take made-up values" });
    assert.deepEqual(await prove(t, "arithmetic", undefined, 1), { batches: false, reason: "maxBatchSize is 1" });
  });
});

describe("a batch of a model that takes batches", () => {
  const value = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -3.4e38, 1e-45, -0));
  const row = fc.array(value, { minLength: 64, maxLength: 64 });

  it("gives each request the same bits as alone, whatever the others hold", async (t) => {
    const runner = await startFixtureRunner(t, "classifier");
    const request = (rows: readonly number[][]): InferRequest => ({
      inputs: [{ name: "x", datatype: "FP32", shape: [rows.length, 64], data: Float32Array.from(rows.flat()) }],
    });
    const bits = (reply: unknown) => {
      const { data } = (reply as { outputs: { data: Float32Array }[] }).outputs[0]!;
      return [...new Uint32Array(data.slice().buffer)];
    };
    const requests = fc.array(fc.array(row, { minLength: 1, maxLength: 3 }).map(request), { minLength: 2, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(requests, async (batch) => {
        const together = await runner.predict(batch, true);
        assert.equal(together.runs, 1);
        for (const [index, one] of batch.entries()) {
          const alone = await runner.predict([one], false);
          assert.deepEqual(bits(together.replies[index]), bits(alone.replies[0]));
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});
