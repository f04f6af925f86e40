import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../kinds/kind.ts";
import type { FieldStructure } from "./field-structure.ts";
import { fieldStructure } from "./kind-structure.ts";

/** The structure at a path; `[]` steps into the item of a list, `*` into a map. */
function at(kind: Kind, ...path: string[]): FieldStructure | undefined {
  let node: FieldStructure | undefined = fieldStructure(kind);
  for (const step of path) {
    if (node?.type === "map-list" && step === "[]") node = node.item;
    else if (node?.type === "object") node = step === "*" ? node.additional : node.fields[step];
    else return undefined;
  }
  return node;
}

/** What has owners of its own, as Kubernetes and our own lists declare it. */
const rows: [kind: Kind, path: string[], expected: Partial<FieldStructure>][] = [
  ["Model", ["metadata", "labels"], { type: "object", fields: {}, additional: { type: "scalar" } }],
  ["Model", ["metadata", "finalizers"], { type: "set-list" }],
  ["Model", ["metadata", "ownerReferences"], { type: "map-list", keys: ["uid"] }],
  ["Model", ["metadata", "managedFields"], { type: "atomic" }],
  ["Model", ["metadata", "name"], { type: "scalar" }],
  ["Model", ["spec", "traffic"], { type: "map-list", keys: ["revision"] }],
  ["Model", ["spec", "traffic", "[]", "percent"], { type: "scalar" }],
  ["Model", ["spec", "parameters"], { type: "object", fields: {}, additional: { type: "scalar" } }],
  ["Model", ["spec", "signature", "inputs"], { type: "map-list", keys: ["name"] }],
  ["Model", ["spec", "signature", "outputs", "[]", "shape"], { type: "atomic" }],
  ["Model", ["spec", "resources", "cpu"], { type: "scalar" }],
  ["Model", ["spec", "resources", "gpu", "count"], { type: "scalar" }],
  ["Model", ["spec", "scaling", "metrics"], { type: "map-list", keys: ["type"] }],
  ["Model", ["spec", "secrets"], { type: "atomic" }],
  ["Model", ["spec", "placement", "nodeSelector", "*"], { type: "scalar" }],
  ["Model", ["spec", "placement", "tolerations"], { type: "atomic" }],
  ["Model", ["spec", "placement", "spread"], { type: "set-list" }],
  ["Model", ["spec", "placement", "imagePullSecrets"], { type: "set-list" }],
  ["Model", ["spec", "network", "egress"], { type: "atomic" }],
  ["Model", ["status", "conditions"], { type: "map-list", keys: ["type"] }],
  ["Model", ["status", "instances"], { type: "map-list", keys: ["name"] }],
  ["Model", ["status", "traffic"], { type: "map-list", keys: ["revision"] }],
  ["Revision", ["spec", "signature", "inputs"], { type: "map-list", keys: ["name"] }],
  ["Secret", ["data", "*"], { type: "scalar" }],
  ["Namespace", ["spec", "finalizers"], { type: "atomic" }],
  ["Namespace", ["status", "conditions"], { type: "map-list", keys: ["type"] }],
  ["Event", ["involvedObject"], { type: "atomic" }],
  ["Event", ["series", "count"], { type: "scalar" }],
];

for (const [kind, path, expected] of rows) {
  test(`fieldStructure() of ${kind} ${path.join(".")} is ${expected.type}`, () =>
    assert.partialDeepStrictEqual(at(kind, ...path), expected));
}
