import type { FieldProblem } from "@slipway/base";
import type { z } from "zod";
import type { JsonSchema } from "../schema/json-schema.ts";
import { duplicateProblems } from "./duplicate-problems.ts";
import { fieldPath } from "./field-path.ts";
import { issueProblems } from "./issue-problems.ts";
import type { Partially } from "./partially.ts";
import { withoutPaths } from "./without-paths.ts";
import { withoutUnset } from "./without-unset.ts";

/** What a schema says of a value: the typed value when nothing is wrong, and else what of it is right. */
export interface Checked<T> {
  readonly value?: T;
  /** Undefined when the value is not even an object. */
  readonly good: Partially<T> | undefined;
  readonly problems: readonly FieldProblem[];
}

/** Checks a value against a schema and collects every problem; fields at `confidential` paths are never repeated in a message. */
export function checkSchema<S extends z.ZodType>(
  schema: S,
  jsonSchema: JsonSchema,
  input: unknown,
  confidential: (path: readonly PropertyKey[]) => boolean = () => false,
): Checked<z.output<S>> {
  const problems: FieldProblem[] = [];
  const value = withoutUnset(input, jsonSchema, (path) => {
    problems.push({ path: fieldPath(path), message: "unknown field", reason: "FieldUnknown" });
  });
  // An empty message marks an issue that has none of its own.
  const result = schema.safeParse(value, { error: () => "" });
  if (!result.success)
    problems.push(...result.error.issues.flatMap((issue) => issueProblems(issue, value, jsonSchema, confidential)));
  problems.push(...duplicateProblems(value, jsonSchema));
  if (result.success) return { value: result.data, good: result.data as Partially<z.output<S>>, problems };
  const paths = result.error.issues.filter((issue) => issue.code !== "unrecognized_keys").map((issue) => issue.path);
  return { good: withoutPaths(value, paths) as Partially<z.output<S>> | undefined, problems };
}
