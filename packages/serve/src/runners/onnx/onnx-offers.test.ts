import assert from "node:assert/strict";
import { test } from "node:test";
import { InferenceSession } from "onnxruntime-node";
import { onnxOffers, onnxOperatorSets } from "./onnx-offers.ts";

/** ONNX's bytes for `y = Identity(x)` of one number, with this operator set. */
function identity(opset: number): Buffer {
  const field = (number: number, ...content: (Buffer | string)[]) => {
    const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
    return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body]);
  };
  const number = (at: number, value: number) => Buffer.from([at << 3, value]);
  const tensor = (name: string) =>
    Buffer.concat([field(1, name), field(2, field(1, number(1, 1), field(2, field(1, number(1, 1)))))]);
  const node = field(1, field(1, "x"), field(2, "y"), field(4, "Identity"));
  const graph = field(7, node, field(2, "g"), field(11, tensor("x")), field(12, tensor("y")));
  return Buffer.concat([number(1, 8), graph, field(8, number(2, opset))]);
}

test("ONNX Runtime knows the operator set that is offered, and none above it", async () => {
  const offered = onnxOperatorSets["ai.onnx"]!;
  await (await InferenceSession.create(identity(offered))).release();
  await assert.rejects(InferenceSession.create(identity(offered + 1)), /opset/i);
  assert.match((await onnxOffers()).libraries.onnxruntime, /^1\.\d+\.\d+/);
});
