import { SlipwayError } from "@slipway/base";
import { readBinaryData } from "../../oip/binary-data.ts";
import type { InferParameters, InferRequest } from "../../oip/infer-messages.ts";
import { quoted } from "../../oip/json-object.ts";
import { readRequestedOutputs } from "../../oip/read-infer-request.ts";
import { readParameters } from "../../oip/read-parameters.ts";
import { readShape } from "../../oip/read-shape.ts";
import { expected, unknownTensor } from "../../oip/read-tensor.ts";
import { describeTensor, type ModelSignature, type Tensor } from "../../oip/tensor.ts";
import {
  type InferParameter,
  type InputTensor,
  modelInferRequest,
  type ParameterFields,
} from "../messages/inference-messages.ts";
import { joined, toBigInt } from "../proto/number-list.ts";
import { hasContents, readContents } from "./read-contents.ts";

/**
 * An inference request from the bytes of a `ModelInferRequest`, checked against the model's signature as its JSON is: no silent cast, and nothing
 * allocated for a claim that the data does not back. Tensors are views of the bytes where their place in memory allows it. Throws `badRequest`.
 */
export function parseGrpcRequest(message: Buffer, signature: ModelSignature): InferRequest {
  const fields = modelInferRequest.decode(message);
  const parameters = plainParameters(fields.parameters);
  const read = readParameters(parameters, "The request", "request");
  const wanted = readRequestedOutputs(
    fields.outputs.map((output) => ({ name: output.name, parameters: plainParameters(output.parameters) })),
    signature,
    read.binary_data_output === true,
  );
  const raw = fields.rawInputContents;
  if (raw.length > 0 && raw.length !== fields.inputs.length) {
    throw new SlipwayError("badRequest", `raw_input_contents has ${raw.length} entries for ${fields.inputs.length} inputs.`, {
      hint: "Send one entry for each input, in their order, or typed contents for all of them.",
    });
  }
  if (fields.inputs.length > signature.inputs.length) {
    const counts = `${fields.inputs.length} inputs, the model has ${signature.inputs.length}`;
    throw new SlipwayError("badRequest", `The request has ${counts}.`, {
      hint: expected({ role: "input", specs: signature.inputs }),
    });
  }
  const given = new Map<string, Tensor>();
  fields.inputs.forEach((input, index) => {
    const tensor = readInput(input, raw[index], signature);
    if (given.has(tensor.name)) throw new SlipwayError("badRequest", `input ${quoted(tensor.name)} is there twice.`);
    given.set(tensor.name, tensor);
  });
  const inputs = signature.inputs.map((spec): Tensor => {
    const tensor = given.get(spec.name);
    if (tensor !== undefined) return tensor;
    throw new SlipwayError("badRequest", `Input ${quoted(spec.name)} ${describeTensor(spec)} is missing.`, {
      hint: expected({ role: "input", specs: signature.inputs }),
    });
  });
  // Whoever sends raw contents reads raw contents: Triton's client nothing else.
  const binary = raw.length > 0 || read.binary_data_output === true || (wanted?.binary.length ?? 0) > 0;
  return {
    ...(fields.id === "" ? {} : { id: fields.id }),
    inputs,
    ...(wanted === undefined ? {} : { outputs: wanted.names }),
    ...(binary ? { binaryOutputs: wanted?.names ?? signature.outputs.map((spec) => spec.name) } : {}),
    ...(parameters === undefined ? {} : { parameters: read }),
  };
}

function readInput(input: InputTensor, raw: Buffer | undefined, signature: ModelSignature): Tensor {
  const { name, datatype, contents } = input;
  const spec = signature.inputs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw unknownTensor(name, { role: "input", specs: signature.inputs });
  const where = `input ${quoted(name)}`;
  if (datatype !== spec.datatype) {
    throw new SlipwayError("badRequest", `${where}: datatype must be ${spec.datatype}, not ${quoted(datatype)}.`, {
      hint: `Expected ${describeTensor(spec)}.`,
    });
  }
  const { binary_data_size: size } = readParameters(plainParameters(input.parameters), where, "input");
  const shape = readShape(Array.from(joined(input.shape, BigInt64Array), exactNumber), where, spec);
  if (size !== undefined && size !== raw?.length) {
    const there = raw === undefined ? "there are no raw contents" : `its raw contents have ${raw.length} bytes`;
    throw new SlipwayError("badRequest", `${where}.parameters.binary_data_size is ${size}, but ${there}.`);
  }
  const context = { where, datatype: spec.datatype, shape };
  if (raw === undefined) return { name, datatype: spec.datatype, shape, data: readContents(contents, context) };
  if (hasContents(contents)) {
    throw new SlipwayError("badRequest", `${where} has both typed contents and raw_input_contents.`, {
      hint: "Send one of them.",
    });
  }
  return { name, datatype: spec.datatype, shape, data: readBinaryData(raw, context) };
}

/** Parameters as JSON would have them; undefined when there are none. One without a value is a fault that the reader of parameters names. */
function plainParameters(parameters: ParameterFields): InferParameters | undefined {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return undefined;
  const plain: Record<string, string | number | bigint | boolean> = Object.create(null);
  for (const [name, parameter] of entries) plain[name] = plainValue(parameter) as number;
  return plain;
}

function plainValue(parameter: InferParameter): string | number | bigint | boolean | undefined {
  const { parameterChoice: choice } = parameter;
  if (choice === undefined) return undefined;
  if (choice === "int64Param") return exactNumber(toBigInt(parameter.int64Param));
  if (choice === "uint64Param") return exactNumber(BigInt.asUintN(64, toBigInt(parameter.uint64Param)));
  return parameter[choice];
}

/** A number where it is exact, else the bigint. */
function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
