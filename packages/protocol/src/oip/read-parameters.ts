import { SlipwayError } from "@slipway/base";
import type { InferParameters } from "./infer-messages.ts";
import { type JsonObject, quoted, readObject, shown } from "./json-object.ts";
import { nearestName } from "./nearest-name.ts";

/** Where parameters can be. */
export type ParametersOf = "request" | "input" | "output";

/** What is wrong with the value of a parameter, as the end of "NAME must be …"; undefined when nothing is. */
type Rule = (value: unknown) => string | undefined;

const boolean: Rule = (value) => (typeof value === "boolean" ? undefined : "true or false");
/** Some clients say so of an input that comes as JSON. */
const isFalse: Rule = (value) => (value === false ? undefined : "false, or left out: an input says binary_data_size");
const microseconds: Rule = (value) =>
  isWhole(value) ? undefined : "a whole number of microseconds from 0 up, which is no deadline";
const priority: Rule = (value) => (isWhole(value) ? undefined : "a whole number from 0 up");
/** Its value is read where the binary data is. */
const size: Rule = () => undefined;
/** How clients of MLServer say that a tensor is what it looks like. */
const contentType: Rule = (value) => (value === "np" || value === "str" ? undefined : '"np" or "str": tensors come as tensors');

const rules: Readonly<Record<ParametersOf, Readonly<Record<string, Rule>>>> = {
  request: { binary_data_output: boolean, timeout: microseconds, priority, content_type: contentType },
  input: { binary_data_size: size, binary_data: isFalse, content_type: contentType },
  output: { binary_data: boolean, content_type: contentType },
};

/** What other servers offer by a parameter and this one does not: ignoring it would answer another question than was asked. */
const unsupported: Readonly<Record<string, string>> = {
  classification: "classification is not supported",
  sequence_id: "sequences are not supported",
  sequence_start: "sequences are not supported",
  sequence_end: "sequences are not supported",
  shared_memory_region: "shared memory is not supported",
  shared_memory_offset: "shared memory is not supported",
  shared_memory_byte_size: "shared memory is not supported",
};

/** Names that may be the model's: no language's own, nothing that hides. */
const customName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const mostParameters = 64;

/** The names of parameters that mean something, and those that are refused because other servers give them a meaning this one does not have. */
export const inferParameterNames: { readonly known: readonly string[]; readonly unsupported: readonly string[] } = {
  known: [...new Set(Object.values(rules).flatMap(Object.keys))],
  unsupported: Object.keys(unsupported),
};

const none: InferParameters = {};
const everyName = inferParameterNames.known;

/**
 * The parameters of a request, input or output. The protocol lets a client send any, as strings, numbers and booleans; those of names that mean
 * something are checked, what Triton offers and this server does not is refused, and so is a name that was probably mistyped. Throws `badRequest`.
 */
export function readParameters(value: unknown, where: string, of: ParametersOf): InferParameters {
  if (value === undefined) return none;
  // Any name is allowed here, so none is "known" to readObject.
  const parameters = readAnyObject(value, `${where}.parameters`);
  const known = rules[of];
  let count = 0;
  for (const name in parameters) {
    count += 1;
    if (count > mostParameters)
      throw new SlipwayError("badRequest", `${where}.parameters has more than ${mostParameters} names.`);
    const parameter = parameters[name];
    const rule = Object.hasOwn(known, name) ? known[name] : undefined;
    if (rule === undefined) checkOther(name, parameter, where, of);
    else {
      const expected = rule(parameter);
      if (expected !== undefined) {
        throw new SlipwayError("badRequest", `${where}.parameters.${name} must be ${expected}, not ${shown(parameter)}.`);
      }
    }
  }
  return parameters as InferParameters;
}

function readAnyObject(value: unknown, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  return readObject(value, where, []);
}

function checkOther(name: string, value: unknown, where: string, of: ParametersOf): void {
  const refuse = (why: string, hint?: string) =>
    new SlipwayError("badRequest", `${where}.parameters has ${quoted(name)}: ${why}.`, hint === undefined ? {} : { hint });
  if (Object.hasOwn(unsupported, name)) {
    // Triton's clients say "no sequence" by 0.
    if (value === 0 || value === false || value === "") return;
    throw refuse(unsupported[name]!, "Leave it out.");
  }
  if (everyName.includes(name)) {
    const owner = (Object.keys(rules) as ParametersOf[]).find((candidate) => name in rules[candidate])!;
    throw refuse(`it is a parameter of ${article(owner)}, not of ${article(of)}`);
  }
  if (!customName.test(name) || name in Object.prototype || name.startsWith("triton_")) {
    throw refuse("the name is reserved or not well-formed");
  }
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
    throw refuse(`a parameter is a string, a number or a boolean, not ${shown(value)}`);
  }
  const meant = nearestName(name, everyName);
  if (meant !== undefined) throw refuse("there is no such parameter", `Did you mean ${quoted(meant)}?`);
}

function article(of: ParametersOf): string {
  return of === "request" ? "the request" : `an ${of}`;
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
