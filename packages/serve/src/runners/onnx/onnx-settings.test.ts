import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import { onnxSettings } from "./onnx-settings.ts";

describe("onnxSettings()", () => {
  for (const [cpu, threads] of [
    [undefined, 1],
    [0.25, 1],
    [1.9, 1],
    [2, 2],
    [7.5, 7],
  ] as const) {
    it(`gives ${threads} threads for a CPU limit of ${cpu}`, () => {
      assert.deepEqual(onnxSettings({}, cpu), { intraOpThreads: threads, graphOptimization: "all" });
    });
  }

  it("takes its parameters", () => {
    assert.deepEqual(onnxSettings({ intraOpThreads: "4", graphOptimization: "basic" }, 1), {
      intraOpThreads: 4,
      graphOptimization: "basic",
    });
  });

  it("refuses every other parameter and value at once, and lists the allowed", () => {
    assert.throws(
      () => onnxSettings({ intraOpThreads: "0", graphOptimization: "some", device: "gpu" }, 1),
      (error) => {
        assert.ok(error instanceof SlipwayError);
        assert.equal(error.code, "invalid");
        assert.deepEqual(
          error.problems.map((problem) => problem.path),
          ["spec.parameters.intraOpThreads", "spec.parameters.graphOptimization", "spec.parameters.device"],
        );
        assert.match(error.hint ?? "", /intraOpThreads .* graphOptimization .*disabled, basic, extended, all/);
        return true;
      },
    );
  });

  for (const value of ["", "-1", "1.5", "257", "1e2", " 2", "01"]) {
    it(`refuses ${JSON.stringify(value)} threads`, () =>
      assert.throws(() => onnxSettings({ intraOpThreads: value }, 1), { code: "invalid" }));
  }
});
