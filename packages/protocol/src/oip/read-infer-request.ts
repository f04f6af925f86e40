import { SlipwayError } from "@slipway/base";
import type { InferRequest } from "./infer-messages.ts";
import { quoted, readObject, shown } from "./json-object.ts";
import { readParameters } from "./read-parameters.ts";
import { expected, readTensors, unknownTensor } from "./read-tensor.ts";
import { describeTensor, type ModelSignature, type Tensor } from "./tensor.ts";

/** How the JSON was parsed. */
export interface ReadContext {
  /** Bytes of the whole text. */
  readonly bytes: number;
  /** Whether whole numbers beyond 2^53 come as BigInt. */
  readonly exact: boolean;
}

/** An inference request from parsed JSON. Throws `badRequest`, or `NeedsExactIntegers` when the text must be parsed exactly. */
export function readInferRequest(value: unknown, signature: ModelSignature, context: ReadContext): InferRequest {
  const fields = readObject(value, "The request", ["id", "parameters", "inputs", "outputs"]);
  const id = fields.id;
  if (id !== undefined && typeof id !== "string")
    throw new SlipwayError("badRequest", `"id" must be a string, not ${shown(id)}.`);
  readParameters(fields.parameters, "The request", "binary_data_output");
  const outputs = readRequestedOutputs(fields.outputs, signature);
  const given = readTensors(fields.inputs, { role: "input", specs: signature.inputs, ...context });
  const inputs = signature.inputs.map((spec): Tensor => {
    const tensor = given.find((candidate) => candidate.name === spec.name);
    if (tensor !== undefined) return tensor;
    throw new SlipwayError("badRequest", `Input ${quoted(spec.name)} ${describeTensor(spec)} is missing.`, {
      hint: expected({ role: "input", specs: signature.inputs }),
    });
  });
  return { ...(id === undefined ? {} : { id }), inputs, ...(outputs === undefined ? {} : { outputs }) };
}

/** The names of the wanted outputs; undefined means all, as an empty list does. */
function readRequestedOutputs(value: unknown, signature: ModelSignature): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SlipwayError("badRequest", `"outputs" must be an array, not ${shown(value)}.`);
  const specs = signature.outputs;
  const names: string[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const fields = readObject(value[index], `outputs[${index}]`, ["name", "parameters"]);
    const name = fields.name;
    if (typeof name !== "string")
      throw new SlipwayError("badRequest", `outputs[${index}]: "name" must be a string, not ${shown(name)}.`);
    if (!specs.some((spec) => spec.name === name)) throw unknownTensor(name, { role: "output", specs });
    if (names.includes(name)) throw new SlipwayError("badRequest", `Output ${quoted(name)} is requested twice.`);
    readParameters(fields.parameters, `outputs[${index}]`, "binary_data");
    names.push(name);
  }
  return names.length === 0 ? undefined : names;
}
