import type { FieldProblem } from "@slipway/base";
import type { Signature, TensorSpec } from "@slipway/spec";

const jsonDepth = 64;

/**
 * What is wrong with a golden sample `{ "request": …, "response": … }` for a model of this signature: names, types, shapes and the number
 * of elements. The values themselves are parsed where they are used.
 */
export function checkSample(path: string, bytes: Buffer, signature: Signature): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const report: Report = (place, message, reason = "FieldValueInvalid") => {
    if (problems.length < 20) problems.push({ path: `${path}: ${place}`, message, reason });
  };
  const sample = parse(bytes);
  if (typeof sample === "string") {
    return [{ path, message: sample, reason: "FieldValueInvalid" }];
  }
  for (const key of Object.keys(sample)) {
    if (key !== "request" && key !== "response") report(key, "Unknown field; a sample has request and response.", "FieldUnknown");
  }
  const request = sample.request;
  if (!isObject(request)) report("request", "Expected an inference request object.", "FieldValueRequired");
  else {
    checkTensors(request.inputs, "request.inputs", signature.inputs, report);
    const names = Array.isArray(request.inputs)
      ? request.inputs.map((tensor) => (isObject(tensor) ? tensor.name : undefined))
      : [];
    for (const { name } of signature.inputs) {
      if (!names.includes(name)) report("request.inputs", `Input ${JSON.stringify(name)} is missing.`, "FieldValueRequired");
    }
  }
  if (Object.hasOwn(sample, "response")) {
    if (!isObject(sample.response)) report("response", "Expected an inference response object.");
    else checkTensors(sample.response.outputs, "response.outputs", signature.outputs, report);
  }
  return problems;
}

type JsonObject = Readonly<Record<string, unknown>>;
type Report = (place: string, message: string, reason?: FieldProblem["reason"]) => void;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(bytes: Buffer): JsonObject | string {
  if (deeperThan(bytes, jsonDepth)) return `The JSON is nested more than ${jsonDepth} deep.`;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isObject(value) ? value : 'Expected an object with "request" and "response".';
  } catch (caught) {
    return `It is not JSON: ${(caught as Error).message}.`;
  }
}

/** Counts brackets outside strings, before a parser or a recursion meets them. */
function deeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (quoted) {
      if (byte === 0x5c) i++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}

function checkTensors(value: unknown, place: string, specs: readonly TensorSpec[], report: Report): void {
  if (!Array.isArray(value) || value.length === 0) {
    report(place, "Expected a list of tensors.", "FieldValueRequired");
    return;
  }
  const seen = new Set<unknown>();
  for (const [i, tensor] of value.entries()) {
    const at = `${place}[${i}]`;
    if (!isObject(tensor)) {
      report(at, "Expected a tensor object.", "FieldValueTypeInvalid");
      continue;
    }
    const spec = specs.find(({ name }) => name === tensor.name);
    if (spec === undefined) {
      const known = specs.map(({ name }) => JSON.stringify(name)).join(", ");
      report(
        `${at}.name`,
        `The model has no tensor ${JSON.stringify(tensor.name)} there; it has ${known}.`,
        "FieldValueNotSupported",
      );
      continue;
    }
    if (seen.has(spec.name)) report(`${at}.name`, `Tensor ${JSON.stringify(spec.name)} is there twice.`, "FieldValueDuplicate");
    seen.add(spec.name);
    checkTensor(tensor, at, spec, report);
  }
}

function checkTensor(tensor: JsonObject, at: string, spec: TensorSpec, report: Report): void {
  if (tensor.datatype !== spec.datatype) {
    report(`${at}.datatype`, `Expected ${spec.datatype}, found ${JSON.stringify(tensor.datatype) ?? "nothing"}.`);
  }
  const { shape, data } = tensor;
  const shaped = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!shaped || shape.length !== spec.shape.length || !spec.shape.every((size, i) => size === -1 || size === shape[i])) {
    report(
      `${at}.shape`,
      `Expected ${JSON.stringify(spec.shape)} (-1: any), found ${JSON.stringify(shape)?.slice(0, 200) ?? "nothing"}.`,
    );
    return;
  }
  if (!Array.isArray(data)) {
    report(`${at}.data`, "Expected a list of values.", "FieldValueRequired");
    return;
  }
  const expected = shape.reduce((product: number, size: number) => product * size, 1);
  const found = count(data);
  if (found !== expected) report(`${at}.data`, `Expected ${expected} values for shape ${JSON.stringify(shape)}, found ${found}.`);
}

/** Values in flat or nested lists; the depth was bounded before parsing. */
function count(data: readonly unknown[]): number {
  let total = 0;
  for (const item of data) total += Array.isArray(item) ? count(item) : 1;
  return total;
}
