import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import type { ModelSignature } from "@slipway/protocol";
import { matchSignature } from "./match-signature.ts";

const model: ModelSignature = {
  inputs: [
    { name: "image", datatype: "FP32", shape: [-1, 64] },
    { name: "mask", datatype: "BOOL", shape: [-1] },
  ],
  outputs: [{ name: "label", datatype: "INT64", shape: [] }],
};

function problems(declared: ModelSignature): string[] {
  try {
    matchSignature(model, declared);
  } catch (error) {
    assert.ok(error instanceof SlipwayError);
    assert.equal(error.code, "invalid");
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  assert.fail("it was accepted");
}

describe("matchSignature()", () => {
  it("is the model's when none is declared", () => assert.equal(matchSignature(model, undefined), model));

  it("says the first difference in its message, and how many more there are", () => {
    const declared = { inputs: [{ name: "images", datatype: "FP32", shape: [-1, 64] }], outputs: model.outputs } as const;
    assert.throws(() => matchSignature(model, declared), {
      message:
        'The declared signature is not the model\'s: spec.signature.inputs[0].name: the model has no "images" among its inputs; it has image (and 2 more).',
    });
  });

  it("takes sizes that the model leaves free, in the model's order", () => {
    const declared: ModelSignature = {
      inputs: [
        { name: "mask", datatype: "BOOL", shape: [-1] },
        { name: "image", datatype: "FP32", shape: [8, 64] },
      ],
      outputs: [{ name: "label", datatype: "INT64", shape: [8] }],
    };
    assert.deepEqual(matchSignature(model, declared), {
      inputs: [declared.inputs[1], declared.inputs[0]],
      outputs: declared.outputs,
    });
  });

  it("E10 refuses every difference at once", () => {
    const declared: ModelSignature = {
      inputs: [
        { name: "imgae", datatype: "FP32", shape: [-1, 64] },
        { name: "mask", datatype: "UINT8", shape: [-1] },
      ],
      outputs: [{ name: "label", datatype: "FP32", shape: [] }],
    };
    assert.deepEqual(problems(declared), [
      'spec.signature.inputs[0].name: the model has no "imgae" among its inputs; it has image',
      'spec.signature.inputs: the model\'s "image" FP32 [-1,64] is not declared',
      'spec.signature.inputs[1]: "mask" is declared UINT8 [-1], the model has BOOL [-1]',
      'spec.signature.outputs[0]: "label" is declared FP32 [], the model has INT64 []',
    ]);
  });

  it("E10 refuses another rank, another size and a free size where the model's is fixed", () => {
    for (const shape of [[64], [-1, 32], [-1, -1]]) {
      const declared = { ...model, inputs: [{ ...model.inputs[0]!, shape }, model.inputs[1]!] };
      assert.deepEqual(problems(declared), [
        `spec.signature.inputs[0]: "image" is declared FP32 [${shape}], the model has FP32 [-1,64]`,
      ]);
    }
  });
});
