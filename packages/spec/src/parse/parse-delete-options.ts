import type { DeleteOptions } from "../meta/delete-options.ts";
import { deleteOptionsSchema } from "../meta/delete-options.ts";
import { jsonSchemaOf } from "../schema/json-schema.ts";
import { checkSchema } from "./check-schema.ts";
import type { Parsed } from "./parse.ts";

const jsonSchema = jsonSchemaOf(deleteOptionsSchema);

/** Anything → `metav1.DeleteOptions`, or every problem it has. */
export function parseDeleteOptions(value: unknown): Parsed<DeleteOptions> {
  const checked = checkSchema(deleteOptionsSchema, jsonSchema, value);
  if (checked.value === undefined || checked.problems.length > 0) return { ok: false, problems: checked.problems };
  return { ok: true, value: checked.value };
}
