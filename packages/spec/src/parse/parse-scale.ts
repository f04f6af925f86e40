import type { Scale } from "../meta/scale.ts";
import { scaleSchema } from "../meta/scale.ts";
import { jsonSchemaOf } from "../schema/json-schema.ts";
import { checkSchema } from "./check-schema.ts";
import type { Parsed } from "./parse.ts";

const jsonSchema = jsonSchemaOf(scaleSchema);

/** Anything → an autoscaling/v1 Scale, or every problem it has. */
export function parseScale(value: unknown): Parsed<Scale> {
  const checked = checkSchema(scaleSchema, jsonSchema, value);
  if (checked.value === undefined || checked.problems.length > 0) return { ok: false, problems: checked.problems };
  return { ok: true, value: checked.value };
}
