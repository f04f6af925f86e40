import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { fieldDocuments, fieldReference } from "./field-reference.ts";

test("fieldDocuments() describes every field, once", () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    const fields = fieldDocuments(kind);
    assert.equal(new Set(fields.map(({ path }) => path)).size, fields.length);
    assert.deepEqual(
      fields.filter(({ description, type }) => description === "" || type === ""),
      [],
    );
  }
});

test("fieldDocuments() tells type, default and whether a field is required", () => {
  const field = (path: string) => fieldDocuments("Model").find((each) => each.path === path);
  assert.partialDeepStrictEqual(field("spec.scaling.minReplicas"), { type: "integer, 1 to 1000", required: false, default: "1" });
  assert.partialDeepStrictEqual(field("spec.traffic"), { type: "list of object by revision", required: false });
  assert.partialDeepStrictEqual(field("spec.traffic[].percent"), { type: "number or text, 0 to 100", required: true });
  assert.partialDeepStrictEqual(field("spec.parameters"), { type: "text by key", default: "{}" });
});

test("fieldReference() has a row of four cells for every field of every kind, and for metadata", () => {
  const rows = fieldReference()
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  const count = (Object.keys(kinds) as Kind[]).reduce((sum, kind) => sum + fieldDocuments(kind).length, 0);
  assert.ok(rows.length > count);
  assert.deepEqual(
    rows.filter((line) => line.replaceAll("\\|", "").split("|").length !== 6),
    [],
  );
  assert.ok(rows.some((line) => line.startsWith("| `metadata.ownerReferences[].uid` ")));
});
