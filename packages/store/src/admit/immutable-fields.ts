import type { FieldProblem } from "@slipway/base";
import { type FieldStructure, fieldStructure, type Resource } from "@slipway/spec";
import { compare } from "../fields/compare.ts";
import { type FieldSet, pathsOf, union } from "../fields/field-set.ts";
import { printPath } from "../fields/path-element.ts";
import { invalid } from "../refusals.ts";

/** Throws `invalid` naming every field that may not change and did: a Revision's spec, a Secret's type, the data of an immutable Secret. */
export function refuseImmutableChanges(old: Resource, next: Resource): void {
  const structure = fieldStructure(old.kind);
  const problems = immutableFields(old).flatMap((field) =>
    leavesOf(difference(old, next, field, structure)).map(
      (path): FieldProblem => ({ path: `${field}${path}`, message: "field is immutable", reason: "FieldValueInvalid" }),
    ),
  );
  if (problems.length > 0) throw invalid(old.kind, old.metadata.name, problems);
}

function immutableFields(old: Resource): readonly string[] {
  if (old.kind === "Revision") return ["spec"];
  if (old.kind === "Secret") return old.immutable === true ? ["type", "data", "immutable"] : ["type"];
  return [];
}

function difference(old: Resource, next: Resource, field: string, structure: FieldStructure): FieldSet {
  const value = (resource: Resource) => (resource as unknown as Record<string, unknown>)[field];
  const inner = structure.type === "object" ? structure.fields[field] : undefined;
  const { added, modified, removed } = compare(value(old), value(next), inner ?? { type: "atomic" });
  return union(union(added, modified), removed);
}

/** Paths without those that only stand above others. */
function leavesOf(set: FieldSet): string[] {
  const paths = pathsOf(set).map(printPath);
  return paths.filter((path) => !paths.some((other) => other !== path && other.startsWith(path)));
}
