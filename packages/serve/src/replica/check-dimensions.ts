import { SlipwayError } from "@slipway/base";
import type { InferRequest, ModelSignature } from "@slipway/protocol";
import type { DimensionNames } from "../runners/model-runner.ts";

interface Place {
  readonly input: number;
  readonly axis: number;
}

/** Checks that dimensions to which the model gives the same name have the same size in a request. The check throws `badRequest` naming both inputs and the dimension; the model itself would fail, or stretch the smaller one. */
export function dimensionCheck(signature: ModelSignature, names: DimensionNames): (request: InferRequest) => void {
  const places = new Map<string, Place[]>();
  for (const [input, ofInput] of names.inputs.entries()) {
    for (const [axis, name] of ofInput.entries()) {
      if (name !== "") places.set(name, [...(places.get(name) ?? []), { input, axis }]);
    }
  }
  const shared = [...places].filter(([, all]) => all.length > 1);
  return ({ inputs }) => {
    for (const [name, [first, ...others]] of shared) {
      const size = inputs[first!.input]!.shape[first!.axis];
      for (const other of others) {
        if (inputs[other.input]!.shape[other.axis] !== size) throw contradiction(name, first!, other, signature, inputs);
      }
    }
  };
}

function contradiction(
  name: string,
  first: Place,
  other: Place,
  signature: ModelSignature,
  inputs: InferRequest["inputs"],
): SlipwayError {
  const told = ({ input, axis }: Place) =>
    `input ${JSON.stringify(signature.inputs[input]!.name)} has ${inputs[input]!.shape[axis]} in dimension ${axis}`;
  return new SlipwayError(
    "badRequest",
    `The shapes contradict one another: ${told(first)} and ${told(other)}, but the model calls both ${JSON.stringify(name)}: they must be the same.`,
  );
}
