import { SlipwayError } from "@slipway/base";
import { readBinaryData } from "./binary-data.ts";
import type { BinaryTail } from "./binary-tail.ts";
import { type JsonObject, quoted, readObject, shown } from "./json-object.ts";
import { nearestName } from "./nearest-name.ts";
import { type DataContext, readData } from "./read-data.ts";
import { readParameters } from "./read-parameters.ts";
import { elementCount, readShape } from "./read-shape.ts";
import { describeTensor, type Tensor, type TensorData, type TensorSpec } from "./tensor.ts";

/** Where tensors come from and what they must look like. */
export interface TensorsContext {
  readonly role: "input" | "output";
  readonly specs: readonly TensorSpec[];
  /** Bytes of the whole JSON text: no tensor can have more elements. */
  readonly bytes: number;
  readonly exact: boolean;
  /** The binary data after the JSON; undefined when the body is JSON to its end. */
  readonly tail?: BinaryTail | undefined;
}

/** Reads an `inputs` or `outputs` array: each tensor known, none twice. Throws `badRequest`. */
export function readTensors(value: unknown, context: TensorsContext): Tensor[] {
  const { role, specs } = context;
  if (!Array.isArray(value)) {
    throw new SlipwayError("badRequest", `"${role}s" must be an array of tensors, not ${shown(value)}.`, {
      hint: expected(context),
    });
  }
  // A name can stand once, so more tensors than the model has are wrong before the first is read.
  if (value.length > specs.length) {
    throw new SlipwayError("badRequest", `"${role}s" has ${value.length} tensors, the model has ${specs.length} ${role}s.`, {
      hint: expected(context),
    });
  }
  const tensors: Tensor[] = [];
  for (let index = 0; index < value.length; index += 1) {
    const tensor = readTensor(value[index], index, context);
    if (tensors.some((other) => other.name === tensor.name)) {
      throw new SlipwayError("badRequest", `${role} ${quoted(tensor.name)} is there twice.`);
    }
    tensors.push(tensor);
  }
  return tensors;
}

/** Which tensors a model has, for hints. */
export function expected({ role, specs }: Pick<TensorsContext, "role" | "specs">): string {
  const list = specs.slice(0, 16).map((spec) => `${quoted(spec.name)} ${describeTensor(spec)}`);
  return `The model's ${role}s: ${list.join(", ")}${specs.length > 16 ? ", …" : ""}.`;
}

/** An unknown tensor name, with the one that was probably meant. */
export function unknownTensor(name: string, context: Pick<TensorsContext, "role" | "specs">): SlipwayError {
  const meant = nearestName(
    name,
    context.specs.map((spec) => spec.name),
  );
  return new SlipwayError("badRequest", `The model has no ${context.role} ${quoted(name)}.`, {
    hint: `${meant === undefined ? "" : `Did you mean ${quoted(meant)}? `}${expected(context)}`,
  });
}

function readTensor(value: unknown, index: number, context: TensorsContext): Tensor {
  const place = `${context.role}s[${index}]`;
  const fields = readObject(value, place, ["name", "shape", "datatype", "parameters", "data"]);
  const spec = findSpec(fields, place, context);
  const where = `${context.role} ${quoted(spec.name)}`;
  if (fields.datatype !== spec.datatype) {
    throw new SlipwayError("badRequest", `${where}: datatype must be ${spec.datatype}, not ${shown(fields.datatype)}.`, {
      hint: `Expected ${describeTensor(spec)}.`,
    });
  }
  const { binary_data_size: size } = readParameters(fields.parameters, where, context.role);
  const shape = readShape(fields.shape, where, spec);
  const tensor = { where, datatype: spec.datatype, shape, exact: context.exact };
  if (size !== undefined) {
    return { name: spec.name, datatype: spec.datatype, shape, data: readTail(size, fields, tensor, context.tail) };
  }
  if (elementCount(shape) > context.bytes) {
    throw new SlipwayError(
      "badRequest",
      `${where}: shape [${shape.join(",")}] claims more values than a body of ${context.bytes} bytes can hold.`,
    );
  }
  return { name: spec.name, datatype: spec.datatype, shape, data: readData(fields.data, tensor) };
}

function readTail(size: unknown, fields: JsonObject, tensor: DataContext, tail: BinaryTail | undefined): TensorData {
  if (fields.data !== undefined) {
    throw new SlipwayError("badRequest", `${tensor.where} has both "data" and binary data.`, { hint: "Send one of them." });
  }
  if (tail === undefined) {
    throw new SlipwayError("badRequest", `${tensor.where} announces binary data, but the body is JSON to its end.`, {
      hint: "Say in the header Inference-Header-Content-Length where the JSON ends.",
    });
  }
  return readBinaryData(tail.take(size, tensor.where), tensor);
}

function findSpec(fields: JsonObject, place: string, context: TensorsContext): TensorSpec {
  const name = fields.name;
  if (typeof name !== "string") throw new SlipwayError("badRequest", `${place}: "name" must be a string, not ${shown(name)}.`);
  const spec = context.specs.find((candidate) => candidate.name === name);
  if (spec === undefined) throw unknownTensor(name, context);
  return spec;
}
