import { SlipwayError } from "@slipway/base";
import type { BinaryTail } from "./binary-tail.ts";
import type { InferRequest } from "./infer-messages.ts";
import { type JsonObject, quoted, readObject, shown } from "./json-object.ts";
import { readParameters } from "./read-parameters.ts";
import { expected, readTensors, unknownTensor } from "./read-tensor.ts";
import { describeTensor, type ModelSignature, type Tensor } from "./tensor.ts";

/** How the JSON was parsed. */
export interface ReadContext {
  /** Bytes of the whole text. */
  readonly bytes: number;
  /** Whether whole numbers beyond 2^53 come as BigInt. */
  readonly exact: boolean;
  /** The binary data after the JSON; undefined when the body is JSON to its end. */
  readonly tail?: BinaryTail;
}

/** An inference request from parsed JSON. Throws `badRequest`, or `NeedsExactIntegers` when the text must be parsed exactly. */
export function readInferRequest(value: unknown, signature: ModelSignature, context: ReadContext): InferRequest {
  const fields = readObject(value, "The request", ["id", "parameters", "inputs", "outputs", "model_name"]);
  const id = optionalText(fields, "id");
  // KServe's client says the model here too.
  const modelName = optionalText(fields, "model_name");
  const parameters = readParameters(fields.parameters, "The request", "request");
  const allBinary = parameters.binary_data_output === true;
  const outputs = readRequestedOutputs(fields.outputs, signature, allBinary);
  const given = readTensors(fields.inputs, { role: "input", specs: signature.inputs, ...context });
  const inputs = signature.inputs.map((spec): Tensor => {
    const tensor = given.find((candidate) => candidate.name === spec.name);
    if (tensor !== undefined) return tensor;
    throw new SlipwayError("badRequest", `Input ${quoted(spec.name)} ${describeTensor(spec)} is missing.`, {
      hint: expected({ role: "input", specs: signature.inputs }),
    });
  });
  context.tail?.end();
  const binary = outputs?.binary ?? (allBinary ? signature.outputs.map((spec) => spec.name) : []);
  return {
    ...(id === undefined ? {} : { id }),
    ...(modelName === undefined ? {} : { modelName }),
    inputs,
    ...(outputs === undefined ? {} : { outputs: outputs.names }),
    ...(binary.length === 0 ? {} : { binaryOutputs: binary }),
    ...(fields.parameters === undefined ? {} : { parameters }),
  };
}

function optionalText(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || typeof value === "string") return value;
  throw new SlipwayError("badRequest", `${quoted(name)} must be a string, not ${shown(value)}.`);
}

/** What a request says of outputs. */
export interface RequestedOutputs {
  readonly names: readonly string[];
  readonly binary: readonly string[];
}

/** The wanted outputs; undefined means all, as an empty list does. Throws `badRequest`. */
export function readRequestedOutputs(
  value: unknown,
  signature: ModelSignature,
  allBinary: boolean,
): RequestedOutputs | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new SlipwayError("badRequest", `"outputs" must be an array, not ${shown(value)}.`);
  const specs = signature.outputs;
  const names: string[] = [];
  const binary: string[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const fields = readObject(value[index], `outputs[${index}]`, ["name", "parameters"]);
    const name = fields.name;
    if (typeof name !== "string")
      throw new SlipwayError("badRequest", `outputs[${index}]: "name" must be a string, not ${shown(name)}.`);
    if (!specs.some((spec) => spec.name === name)) throw unknownTensor(name, { role: "output", specs });
    if (names.includes(name)) throw new SlipwayError("badRequest", `Output ${quoted(name)} is requested twice.`);
    const { binary_data: isBinary = allBinary } = readParameters(fields.parameters, `outputs[${index}]`, "output");
    names.push(name);
    if (isBinary === true) binary.push(name);
  }
  return names.length === 0 ? undefined : { names, binary };
}
