import assert from "node:assert/strict";
import { test } from "node:test";
import { detectFormat } from "./detect-format.ts";

const refused = (paths: readonly string[], message: RegExp) =>
  assert.throws(() => detectFormat(paths), { code: "invalid", message }, paths.join(" "));

test("the model file is found by its name, or as the only one of its kind", () => {
  assert.deepEqual(detectFormat(["model.onnx", "other.onnx"]), { format: "onnx", main: "model.onnx" });
  assert.deepEqual(detectFormat(["a.ONNX", "below/b.onnx"]), { format: "onnx", main: "a.ONNX" });
  assert.deepEqual(detectFormat(["model.onnx"], "onnx"), { format: "onnx", main: "model.onnx" });
});

test("a directory without a model says what was looked for", () => {
  refused([], /has no model: there is nothing like it among its 0 files\. Expected model\.onnx, or one file that ends in \.onnx/);
  refused(["below/b.onnx"], /has no model/);
  refused(["a.onnx", "b.onnx"], /it has 2 \.onnx files \(a\.onnx, b\.onnx\)/);
});

test("a directory with two models is refused, and both are named", () => {
  refused(["model.onnx", "model.py"], /in more than one way: it has model\.onnx \(onnx\) and model\.py \(python\)/);
});
