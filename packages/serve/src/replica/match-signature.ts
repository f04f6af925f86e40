import { type FieldProblem, SlipwayError } from "@slipway/base";
import { describeTensor, type ModelSignature, nearestName, type TensorSpec } from "@slipway/protocol";

/** The signature to serve: the model's, in its order, with the declared sizes where the model leaves them free. Throws `invalid` with every difference when the declared one does not fit. */
export function matchSignature(model: ModelSignature, declared: ModelSignature | undefined): ModelSignature {
  if (declared === undefined) return model;
  const problems: FieldProblem[] = [];
  const matched: ModelSignature = {
    inputs: matchList("inputs", model.inputs, declared.inputs, problems),
    outputs: matchList("outputs", model.outputs, declared.outputs, problems),
  };
  if (problems.length === 0) return matched;
  // The message travels further than the list: it is what the Model's condition says.
  const first = problems[0]!;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  throw new SlipwayError("invalid", `The declared signature is not the model's: ${first.path}: ${first.message}${more}.`, {
    problems,
    hint: "Correct spec.signature, or leave it out: it is read from the model.",
  });
}

function matchList(
  role: "inputs" | "outputs",
  model: readonly TensorSpec[],
  declared: readonly TensorSpec[],
  problems: FieldProblem[],
): TensorSpec[] {
  declared.forEach((tensor, index) => {
    if (model.some((actual) => actual.name === tensor.name)) return;
    const names = model.map((actual) => actual.name);
    const meant = nearestName(tensor.name, names) ?? names.join(", ");
    problems.push({
      path: `spec.signature.${role}[${index}].name`,
      message: `the model has no ${JSON.stringify(tensor.name)} among its ${role}; it has ${meant}`,
      reason: "FieldValueInvalid",
    });
  });
  return model.map((actual) => {
    const index = declared.findIndex((tensor) => tensor.name === actual.name);
    const tensor = declared[index];
    if (tensor === undefined) {
      problems.push({
        path: `spec.signature.${role}`,
        message: `the model's ${JSON.stringify(actual.name)} ${describeTensor(actual)} is not declared`,
        reason: "FieldValueRequired",
      });
    } else if (!isNarrower(tensor, actual)) {
      problems.push({
        path: `spec.signature.${role}[${index}]`,
        message: `${JSON.stringify(actual.name)} is declared ${describeTensor(tensor)}, the model has ${describeTensor(actual)}`,
        reason: "FieldValueInvalid",
      });
    } else {
      return { name: actual.name, datatype: actual.datatype, shape: tensor.shape };
    }
    return actual;
  });
}

/** Whether whatever fits the declared tensor fits the model's. ONNX Runtime reports no dimensions also when it cannot tell the rank. */
function isNarrower(declared: TensorSpec, actual: TensorSpec): boolean {
  if (declared.datatype !== actual.datatype) return false;
  if (actual.shape.length === 0) return true;
  return (
    declared.shape.length === actual.shape.length &&
    actual.shape.every((size, axis) => size === -1 || size === declared.shape[axis])
  );
}
