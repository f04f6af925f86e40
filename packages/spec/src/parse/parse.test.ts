import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { fullResources } from "../test-data/full-resources.ts";
import { modelValues } from "../test-data/model-values.ts";
import { parse } from "./parse.ts";

const everyKind = Object.keys(kinds) as Kind[];

for (const kind of everyKind) {
  test(`parse() takes a ${kind} with every field set, and changes nothing in it`, () => {
    const parsed = parse(kind, fullResources[kind], { source: "api" });
    assert.deepEqual(parsed, { ok: true, value: fullResources[kind] });
  });
}

test("parse() of what it gave gives the same", () => {
  fc.assert(
    fc.property(modelValues, (model) => {
      const once = parse("Model", model, { source: "api" });
      assert.ok(once.ok, JSON.stringify(once));
      assert.deepEqual(parse("Model", once.value, { source: "api" }), once);
    }),
  );
});

test("parse() gives a value or at least one problem for anything, and never throws", () => {
  const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withSparseArray: true });
  fc.assert(
    fc.property(fc.constantFrom(...everyKind), anything, anything, (kind, spec, metadata) => {
      const parsed = parse(kind, { ...fullResources[kind], spec, metadata }, { source: "api" });
      assert.ok(parsed.ok || parsed.problems.length > 0);
    }),
  );
});

/** Every object in a value, with its path. Free-form maps are left out: their keys are data. */
function objectsIn(value: unknown, path: string[] = []): { path: string[]; names: string[] }[] {
  if (typeof value !== "object" || value === null) return [];
  const last = path.at(-1) ?? "";
  if (["labels", "annotations", "parameters", "data", "fieldsV1", "nodeSelector"].includes(last)) return [];
  const inside = Object.entries(value).flatMap(([name, child]) => objectsIn(child, [...path, name]));
  return Array.isArray(value) ? inside : [{ path, names: Object.keys(value) }, ...inside];
}

function withRenamed(value: unknown, path: readonly string[], from: string, to: string): unknown {
  const copy = structuredClone(value);
  let object = copy as Record<string, unknown>;
  for (const step of path) object = object[step] as Record<string, unknown>;
  object[to] = object[from];
  delete object[from];
  return copy;
}

const fields = everyKind.flatMap((kind) =>
  objectsIn(fullResources[kind]).flatMap(({ path, names }) => names.map((name) => ({ kind, path, name }))),
);

/** One slip of the finger: a letter lost, doubled, swapped with the next, or in the other case. */
const slip = fc.record({
  field: fc.constantFrom(...fields),
  at: fc.nat(),
  sort: fc.constantFrom("lose", "double", "swap", "case"),
});

function mistyped(name: string, at: number, sort: string): string {
  const letter = name[at] ?? "";
  const next = name[at + 1] ?? "";
  const rest = name.slice(at + 1);
  if (sort === "lose") return name.slice(0, at) + rest;
  if (sort === "double") return name.slice(0, at) + letter + letter + rest;
  if (sort === "swap") return name.slice(0, at) + next + letter + rest.slice(1);
  return name.slice(0, at) + (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) + rest;
}

test("parse() suggests a field for every mistyped one, whatever the kind and depth", () => {
  fc.assert(
    fc.property(slip, ({ field: { kind, path, name }, at, sort }) => {
      const typed = mistyped(name, at % name.length, sort);
      fc.pre(typed !== name);
      const parsed = parse(kind, withRenamed(fullResources[kind], path, name, typed), { source: "api" });
      assert.ok(!parsed.ok);
      const unknown = parsed.problems.filter((problem) => problem.reason === "FieldUnknown");
      assert.equal(unknown.length, 1, JSON.stringify(parsed.problems));
      assert.match(unknown[0]?.message ?? "", /^unknown field; did you mean "/);
      assert.ok(unknown[0]?.path.endsWith(typed));
    }),
    { numRuns: 500 },
  );
});

test("parse() refuses an unknown field in every object of every kind", () => {
  for (const { kind, path } of everyKind.flatMap((kind) => objectsIn(fullResources[kind]).map(({ path }) => ({ kind, path })))) {
    const copy = structuredClone(fullResources[kind]);
    let object: Record<string, unknown> = copy;
    for (const step of path) object = object[step] as Record<string, unknown>;
    object.zzzzzzzzzz = 1;
    const parsed = parse(kind, copy, { source: "api" });
    assert.ok(!parsed.ok, `${kind} ${path.join(".")}`);
    assert.deepEqual(
      parsed.problems.map((problem) => problem.reason),
      ["FieldUnknown"],
    );
  }
});
