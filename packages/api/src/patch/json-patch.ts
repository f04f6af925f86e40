import { SlipwayError } from "@slipway/base";
import { applyPatch, type Operation } from "rfc6902";
import { isJsonObject } from "../body/json-object.ts";

/** More operations than any change of one object needs; Kubernetes has the same limit. */
const maxOperations = 10_000;

const operations = new Set(["add", "remove", "replace", "move", "copy", "test"]);

/** Applies an RFC 6902 JSON patch to a copy. Throws `badRequest` when it is not a patch, `invalid` when it does not fit the object. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new SlipwayError("badRequest", "A JSON patch must be an array of operations.");
  if (patch.length > maxOperations)
    throw new SlipwayError("tooLarge", `The allowed maximum of operations in a JSON patch is ${maxOperations}.`);
  const copy = structuredClone(target);
  patch.forEach((entry, index) => {
    for (const operation of steps(checked(entry, index))) {
      const [failure] = applyPatch(copy, [operation]);
      if (failure !== null && failure !== undefined) {
        const why = operation.op === "test" ? "the value there is another" : "there is nothing at that place";
        throw new SlipwayError("invalid", `Operation ${index} of the JSON patch failed.`, {
          problems: [{ path: `[${index}]`, message: `${operation.op} ${operation.path}: ${why}`, reason: "FieldValueInvalid" }],
        });
      }
    }
  });
  return copy;
}

/** Replacing is removing and adding (RFC 6902, 4.3); the library checks array indices in those two only. */
function steps(operation: Operation): Operation[] {
  if (operation.op !== "replace") return [operation];
  return [
    { op: "remove", path: operation.path },
    { op: "add", path: operation.path, value: operation.value },
  ];
}

function checked(entry: unknown, index: number): Operation {
  const wrong = (what: string) => new SlipwayError("badRequest", `Operation ${index} of the JSON patch ${what}.`);
  if (!isJsonObject(entry)) throw wrong("is not an object");
  if (typeof entry.op !== "string" || !operations.has(entry.op)) throw wrong(`needs an op: one of ${[...operations].join(", ")}`);
  const pointers = entry.op === "move" || entry.op === "copy" ? ["path", "from"] : ["path"];
  for (const name of pointers) {
    const pointer = entry[name];
    if (typeof pointer !== "string" || !pointer.startsWith("/") || /~(?![01])/.test(pointer)) {
      throw wrong(`needs a ${name} that is a JSON pointer into the object, such as /spec/replicas`);
    }
    if (pointer.split("/").some((token) => ["__proto__", "constructor", "prototype"].includes(token))) {
      throw wrong(`has a ${name} with a name that is not allowed`);
    }
  }
  if (["add", "replace", "test"].includes(entry.op) && !Object.hasOwn(entry, "value")) throw wrong("needs a value");
  return entry as unknown as Operation;
}
