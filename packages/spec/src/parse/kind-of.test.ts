import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf } from "./kind-of.ts";

test("kindOf() reads the kind of a manifest", () => {
  assert.deepEqual(kindOf({ apiVersion: "slipway.dev/v1alpha1", kind: "Model" }), { ok: true, value: "Model" });
  assert.deepEqual(kindOf({ apiVersion: "v1", kind: "Secret" }), { ok: true, value: "Secret" });
});

const rows: [what: string, manifest: unknown, problems: string[]][] = [
  ["null", null, [": expected an object, found null"]],
  ["a list", [], [": expected an object, found a list"]],
  [
    "nothing in it",
    {},
    [
      "kind: required: expected one of Model, Revision, Namespace, Secret, Event",
      'apiVersion: required: expected "slipway.dev/v1alpha1" or "v1"',
    ],
  ],
  [
    "a mistyped kind",
    { apiVersion: "slipway.dev/v1alpha1", kind: "Modle" },
    ['kind: expected one of Model, Revision, Namespace, Secret, Event, found the text "Modle"; did you mean "Model"?'],
  ],
  [
    "a kind of something else",
    { apiVersion: "apps/v1", kind: "Deployment" },
    [
      'kind: expected one of Model, Revision, Namespace, Secret, Event, found the text "Deployment"',
      'apiVersion: expected "slipway.dev/v1alpha1" or "v1", found the text "apps/v1"',
    ],
  ],
  [
    "a newer version",
    { apiVersion: "slipway.dev/v2", kind: "Model" },
    [
      'apiVersion: expected "slipway.dev/v1alpha1", found the text "slipway.dev/v2"; this Slipway does not know that version, another release of it may',
    ],
  ],
  [
    "the version of another kind",
    { apiVersion: "v1", kind: "Model" },
    ['apiVersion: expected "slipway.dev/v1alpha1", found the text "v1"'],
  ],
];

for (const [what, manifest, expected] of rows) {
  test(`kindOf() refuses ${what}`, () => {
    const kind = kindOf(manifest);
    assert.ok(!kind.ok);
    assert.deepEqual(
      kind.problems.map(({ path, message }) => `${path}: ${message}`),
      expected,
    );
  });
}
