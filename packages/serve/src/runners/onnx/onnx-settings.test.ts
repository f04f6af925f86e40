import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import { onnxSettings } from "./onnx-settings.ts";

describe("onnxSettings()", () => {
  for (const [cpu, instances, intraOpThreads] of [
    [undefined, 1, 1],
    [0.25, 1, 1],
    [1.9, 1, 1],
    [2, 1, 2],
    [4, 1, 4],
    [7.5, 1, 4],
    [8, 2, 4],
    [33, 8, 4],
  ] as const) {
    it(`gives ${instances} instances of ${intraOpThreads} threads for a CPU limit of ${cpu}`, () => {
      assert.deepEqual(onnxSettings({}, cpu), {
        session: { instances, intraOpThreads, graphOptimization: "all" },
        batches: { maxBatchSize: 64, latencyObjectiveMs: undefined },
      });
    });
  }

  it("shares the CPUs by what is given", () => {
    const shared = (parameters: Record<string, string>, cpu?: number) => {
      const { instances, intraOpThreads } = onnxSettings(parameters, cpu).session;
      return [instances, intraOpThreads];
    };
    assert.deepEqual(shared({ intraOpThreads: "1" }, 6), [6, 1]);
    assert.deepEqual(shared({ instances: "3" }, 6), [3, 2]);
    assert.deepEqual(shared({ instances: "3" }), [3, 1]);
    assert.deepEqual(shared({ instances: "2", intraOpThreads: "8" }, 1), [2, 8]);
  });

  it("takes its parameters", () => {
    const parameters = { intraOpThreads: "4", graphOptimization: "basic", maxBatchSize: "4096", latencyObjective: "1.5s" };
    assert.deepEqual(onnxSettings(parameters, 1), {
      session: { instances: 1, intraOpThreads: 4, graphOptimization: "basic" },
      batches: { maxBatchSize: 4096, latencyObjectiveMs: 1_500 },
    });
  });

  it("refuses every other parameter and value at once, and lists the allowed", () => {
    assert.throws(
      () => onnxSettings({ intraOpThreads: "0", graphOptimization: "some", device: "gpu", constructor: "1" }, 1),
      (error) => {
        assert.ok(error instanceof SlipwayError);
        assert.equal(error.code, "invalid");
        assert.deepEqual(
          error.problems.map((problem) => problem.path),
          ["intraOpThreads", "graphOptimization", "device", "constructor"].map((name) => `spec.parameters.${name}`),
        );
        assert.match(error.hint ?? "", /intraOpThreads .* graphOptimization .*disabled, basic, extended, all/);
        return true;
      },
    );
  });

  for (const [name, values] of Object.entries({
    intraOpThreads: ["", "-1", "1.5", "257", "1e2", " 2", "01"],
    instances: ["0", "257", "two"],
    maxBatchSize: ["0", "4097", "1.5"],
    latencyObjective: ["50", "0ms", "999us", "61m", "-5ms", "fast", ""],
  })) {
    for (const value of values)
      it(`refuses ${name} ${JSON.stringify(value)}`, () =>
        assert.throws(() => onnxSettings({ [name]: value }, 1), { code: "invalid" }));
  }
});
