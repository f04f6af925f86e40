import assert from "node:assert/strict";
import { test } from "node:test";
import { onnxRefusals } from "./onnx-refusals.ts";

const paths = (wishes: Parameters<typeof onnxRefusals>[0]) => onnxRefusals(wishes).map(({ path }) => path);

test("what the ONNX runner can run is not refused", () => {
  assert.deepEqual(onnxRefusals({}), []);
  assert.deepEqual(onnxRefusals({ parameters: { intraOpThreads: "2" } }), []);
});

test("a GPU is refused by name: ONNX Runtime is CPU only here", () => {
  const [problem, ...others] = onnxRefusals({ device: "nvidia.com/gpu" });
  assert.deepEqual(others, []);
  assert.equal(problem?.path, "spec.resources.gpu");
  assert.match(problem?.message ?? "", /CPUs only, so nvidia\.com\/gpu would stay idle/);
});

test("every refusal comes at once", () => {
  assert.deepEqual(paths({ device: "amd.com/gpu", parameters: { intraOpThreads: "0", device: "gpu" } }), [
    "spec.resources.gpu",
    "spec.parameters.intraOpThreads",
    "spec.parameters.device",
  ]);
});
