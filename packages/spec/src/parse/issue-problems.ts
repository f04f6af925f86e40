import type { FieldProblem } from "@slipway/base";
import type { z } from "zod";
import type { JsonSchema } from "../schema/json-schema.ts";
import { found } from "../values/found.ts";
import { fieldPath, valueAt } from "./field-path.ts";
import { suggestion } from "./suggestion.ts";
import { unknownField } from "./unknown-field.ts";

/** Names of zod's types as people know them. */
const typeNames: Record<string, string> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

/** One of zod's issues as problems of fields: what was expected, and what was found. `confidential` values are never repeated. */
export function issueProblems(
  issue: z.core.$ZodIssue,
  input: unknown,
  schema: JsonSchema,
  confidential: (path: readonly PropertyKey[]) => boolean,
): FieldProblem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(schema, issue.path, key));
  const path = fieldPath(issue.path);
  const value = valueAt(input, issue.path);
  const reason = reasonOf(issue, value);
  // A message of the schema's own says everything.
  if (issue.message !== "")
    return [{ path, message: value === undefined ? `required: ${issue.message}` : issue.message, reason }];
  const expected = expectation(issue, value);
  if (value === undefined) return [{ path, message: `required: ${expected}`, reason }];
  if (confidential(issue.path)) return [{ path, message: expected, reason }];
  return [{ path, message: `${expected}, found ${found(foundIn(issue, value))}${wayOut(issue, value)}`, reason }];
}

function reasonOf(issue: z.core.$ZodIssue, value: unknown): FieldProblem["reason"] {
  if (value === undefined) return "FieldValueRequired";
  if (issue.code === "invalid_type" || issue.code === "invalid_union") return "FieldValueTypeInvalid";
  if (issue.code === "invalid_value") return "FieldValueNotSupported";
  return "FieldValueInvalid";
}

function expectation(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `expected ${shown(issue.values[0])}`
        : `expected one of ${issue.values.map(shown).join(", ")}`;
    case "too_small":
      return `expected at least ${issue.minimum}${countOf(issue.origin)}`;
    case "too_big":
      return `expected at most ${issue.maximum}${countOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "datetime" ? "expected a time such as 2026-01-31T12:00:00Z" : `expected ${issue.format}`;
    case "invalid_key":
      return `expected a key of 1 to 253 characters`;
    default:
      return value === undefined ? "expected a value" : "expected another value";
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}

function countOf(origin: string): string {
  if (origin === "string") return " characters";
  return origin === "array" ? " items" : "";
}

/** What to show as found: a length where a length is wrong, a key where a key is. */
function foundIn(issue: z.core.$ZodIssue, value: unknown): unknown {
  if (issue.code === "invalid_key") return issue.path.at(-1);
  const sized = (issue.code === "too_small" || issue.code === "too_big") && (typeof value === "string" || Array.isArray(value));
  return sized ? value.length : value;
}

function wayOut(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "invalid_type" && issue.expected === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return `; put it in quotes: "${value}"`;
  }
  if (issue.code !== "invalid_value" || typeof value !== "string") return "";
  const near = suggestion(
    value,
    issue.values.filter((each) => typeof each === "string"),
  );
  return near === undefined || issue.values.length === 1 ? "" : `; did you mean "${near}"?`;
}
