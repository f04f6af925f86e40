import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import { fullResources } from "../test-data/full-resources.ts";
import { parse } from "./parse.ts";

function problems(kind: Kind, metadata: Record<string, unknown>): string[] {
  const full = fullResources[kind];
  const parsed = parse(kind, { ...full, metadata: { ...(full.metadata as object), ...metadata } }, { source: "api" });
  return parsed.ok ? [] : parsed.problems.map(({ path, message, reason }) => `${path}: ${message} (${reason})`);
}

const rows: [what: string, kind: Kind, metadata: Record<string, unknown>, problems: string[]][] = [
  ["creationTimestamp: null, as kubectl sends it", "Secret", { creationTimestamp: null }, []],
  ["a subdomain as name of a Secret", "Secret", { name: "a.b-c.d" }, []],
  [
    "a name of 53 characters for a Model",
    "Model",
    { name: "x".repeat(53) },
    ["metadata.name: expected at most 52 characters, found 53 (FieldValueInvalid)"],
  ],
  [
    "a name of 64 characters for a Namespace",
    "Namespace",
    { name: "x".repeat(64) },
    ["metadata.name: expected at most 63 characters, found 64 (FieldValueInvalid)"],
  ],
  [
    "a dotted name for a Namespace",
    "Namespace",
    { name: "a.b" },
    [
      'metadata.name: expected lower-case letters, digits and "-", with a letter or digit first and last; found the text "a.b" (FieldValueInvalid)',
    ],
  ],
  ["no name", "Event", { name: null }, ["metadata.name: required: expected text (FieldValueRequired)"]],
  [
    "a namespace in a Namespace",
    "Namespace",
    { namespace: "default" },
    ["metadata.namespace: must not be set: this kind is in no namespace (FieldValueForbidden)"],
  ],
  [
    "a revision name that is not the model's",
    "Revision",
    { name: "letters-1a2b3c4d5e" },
    ['metadata.name: expected "digits-" and ten hexadecimal digits, found the text "letters-1a2b3c4d5e" (FieldValueInvalid)'],
  ],
  [
    "labels",
    "Model",
    { labels: { "a/b/c": "x", ok: "not ok" } },
    [
      'metadata.labels[a/b/c]: expected NAME or PREFIX/NAME, found the text "a/b/c" (FieldValueInvalid)',
      'metadata.labels.ok: expected letters, digits, "-", "_" and ".", with a letter or digit first and last; found the text "not ok" (FieldValueInvalid)',
    ],
  ],
  [
    "a label that is a number",
    "Model",
    { labels: { version: 1 } },
    ['metadata.labels.version: expected text, found the number 1; put it in quotes: "1" (FieldValueTypeInvalid)'],
  ],
  [
    "annotations that are too long",
    "Model",
    { annotations: { a: "ä".repeat(131_072) } },
    ["metadata.annotations: expected at most 262144 bytes in all, found 262145 (FieldValueInvalid)"],
  ],
  [
    "a finalizer twice",
    "Model",
    { finalizers: ["a.example/x", "a.example/x"] },
    ['metadata.finalizers[1]: "a.example/x" is already at metadata.finalizers[0] (FieldValueDuplicate)'],
  ],
  [
    "two controllers",
    "Model",
    {
      ownerReferences: [
        { apiVersion: "v1", kind: "A", name: "a", uid: "1", controller: true },
        { apiVersion: "v1", kind: "A", name: "b", uid: "2", controller: true },
      ],
    },
    ["metadata.ownerReferences: expected at most one owner with controller: true, found 2 (FieldValueInvalid)"],
  ],
  [
    "a time that is none",
    "Model",
    { creationTimestamp: "2026-02-30T00:00:00Z" },
    [
      'metadata.creationTimestamp: expected a time such as 2026-01-31T12:00:00Z, found the text "2026-02-30T00:00:00Z" (FieldValueInvalid)',
    ],
  ],
  ["an unknown field", "Event", { lables: {} }, ['metadata.lables: unknown field; did you mean "labels"? (FieldUnknown)']],
];

for (const [what, kind, metadata, expected] of rows) {
  test(`parse() with ${what}`, () => assert.deepEqual(problems(kind, metadata), expected));
}
