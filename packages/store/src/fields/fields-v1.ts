import { emptySet, type FieldSet, isEmpty } from "./field-set.ts";

/** A field set in Kubernetes' FieldsV1 format: each path element a key, `.` for a parent that is itself in the set. */
export type FieldsV1 = Record<string, unknown>;

/** Writes a set as FieldsV1, keys sorted. */
export function toFieldsV1(set: FieldSet): FieldsV1 {
  const fields: FieldsV1 = {};
  if (set.member && set.children.size > 0) fields["."] = {};
  for (const element of [...set.children.keys()].sort()) fields[element] = toFieldsV1(set.children.get(element)!);
  return fields;
}

const elementPrefix = /^[fkvi]:/;

/** Reads FieldsV1; undefined if it is not well-formed. */
export function fromFieldsV1(fields: unknown): FieldSet | undefined {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return undefined;
  return Object.keys(fields).length === 0 ? emptySet : read(fields as FieldsV1);
}

function read(fields: FieldsV1): FieldSet | undefined {
  const children = new Map<string, FieldSet>();
  // A node without children is a member; one with children only if it says so.
  let member = Object.keys(fields).length === 0;
  for (const [element, value] of Object.entries(fields)) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (element === ".") {
      member = true;
      continue;
    }
    if (!elementPrefix.test(element)) return undefined;
    const child = read(value as FieldsV1);
    if (child === undefined) return undefined;
    if (!isEmpty(child)) children.set(element, child);
  }
  return { member, children };
}
