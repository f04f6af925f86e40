import type { FieldProblem } from "@slipway/base";
import type { JsonSchema } from "../schema/json-schema.ts";
import { schemaInside } from "../schema/kind-json-schema.ts";
import { fieldPath } from "./field-path.ts";

/** Items of a list that must differ in their keys (or values, for a set) and do not. Every repetition is one problem. */
export function duplicateProblems(
  value: unknown,
  schema: JsonSchema | undefined,
  path: readonly PropertyKey[] = [],
): FieldProblem[] {
  if (schema === undefined || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    const inner = value.flatMap((item, index) => duplicateProblems(item, schema.items, [...path, index]));
    return [...repetitions(value, schema, path), ...inner];
  }
  return Object.entries(value).flatMap(([name, child]) => duplicateProblems(child, schemaInside(schema, name), [...path, name]));
}

function repetitions(list: readonly unknown[], schema: JsonSchema, path: readonly PropertyKey[]): FieldProblem[] {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (schema["x-kubernetes-list-type"] !== "set" && keys.length === 0) return [];
  const first = new Map<string, number>();
  const problems: FieldProblem[] = [];
  for (const [index, item] of list.entries()) {
    const key = keys.length === 0 ? JSON.stringify(item) : keyText(item, keys);
    if (key === undefined) continue;
    const before = first.get(key);
    if (before === undefined) first.set(key, index);
    else {
      const where = fieldPath([...path, index, ...keys.slice(0, 1)]);
      problems.push({
        path: where,
        message: `${key} is already at ${fieldPath([...path, before])}`,
        reason: "FieldValueDuplicate",
      });
    }
  }
  return problems;
}

function keyText(item: unknown, keys: readonly string[]): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const values = keys.map((key) => (item as Record<string, unknown>)[key]);
  return values.some((value) => typeof value !== "string") ? undefined : values.map((value) => JSON.stringify(value)).join(", ");
}
