import type { ModelSignature, TensorSpec } from "@slipway/protocol";

/** Why requests of a model cannot share a run by what it says of itself; undefined when they might: axis 0 of every input and output is free. */
export function batchCandidate({ inputs, outputs }: ModelSignature): string | undefined {
  const fixed = [...inputs.map((spec) => reason("input", spec)), ...outputs.map((spec) => reason("output", spec))];
  return inputs.length === 0 ? "it has no inputs" : fixed.find((found) => found !== undefined);
}

function reason(role: string, { name, shape }: TensorSpec): string | undefined {
  const quoted = JSON.stringify(name);
  if (shape.length === 0) return `its ${role} ${quoted} has no dimensions, or does not say how many`;
  return shape[0] === -1 ? undefined : `the first dimension of its ${role} ${quoted} is always ${shape[0]}`;
}
