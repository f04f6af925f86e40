import assert from "node:assert/strict";
import { test } from "node:test";
import { fullResources, smallModel } from "../test-data/full-resources.ts";
import type { Kind } from "./kind.ts";
import type { KindInfo } from "./kind-info.ts";
import { kinds } from "./kinds.ts";
import type { Resource } from "./resource.ts";

const now = Date.parse("2026-01-31T13:00:00Z");

/** Headers and cells of one object, as `kubectl get -o wide` shows them. */
function row(kind: Kind, resource: Record<string, unknown>): Record<string, string | number> {
  const info: KindInfo = kinds[kind];
  return Object.fromEntries(info.columns.map((column) => [column.name, column.value(resource as unknown as Resource, now)]));
}

test("kinds: the columns of every kind show what they should", () => {
  assert.deepEqual(row("Model", fullResources.Model), {
    Name: "digits",
    Ready: "True",
    Replicas: 2,
    Revision: "digits-1a2b3c4d5e",
    URL: "http://127.0.0.1:8080/v2/models/digits",
    Image: `registry.example:5000/team/digits@sha256:${"0123456789abcdef".repeat(4)}`,
    Age: "60m",
  });
  assert.deepEqual(row("Revision", fullResources.Revision), {
    Name: "digits-1a2b3c4d5e",
    Model: "digits",
    Number: 2,
    State: "Active",
    Replicas: 2,
    Bundle: `sha256:${"0123456789abcdef".repeat(4)}`,
    Image: `registry.example:5000/team/digits@sha256:${"0123456789abcdef".repeat(4)}`,
    Age: "60m",
  });
  assert.deepEqual(row("Namespace", fullResources.Namespace), { Name: "team-a", Status: "Active", Age: "60m" });
  assert.deepEqual(row("Secret", fullResources.Secret), { Name: "weights.token", Type: "Opaque", Data: 1, Age: "60m" });
  assert.deepEqual(row("Event", fullResources.Event), {
    "Last Seen": "60m",
    Type: "Normal",
    Reason: "RevisionReady",
    Object: "model/digits",
    Source: "control",
    Message: "Revision digits-1a2b3c4d5e answers.",
    Count: 2,
    Name: "digits.17c1",
  });
});

test("kinds: the columns of an object without status say so", () => {
  assert.deepEqual(row("Model", smallModel()), {
    Name: "digits",
    Ready: "Unknown",
    Replicas: 0,
    Revision: "<none>",
    URL: "<none>",
    Image: "<none>",
    Age: "<unknown>",
  });
});

test("kinds: every kind has one name column, and Slipway's own say where a cluster finds each value", () => {
  for (const info of Object.values(kinds)) {
    assert.equal(info.columns.filter((column) => column.format === "name").length, 1, info.kind);
    const hidden = info.columns.filter((column) => column.jsonPath === undefined);
    assert.ok(info.group === "" || hidden.length === 0, info.kind);
  }
});

test("kinds: names and short names are unique", () => {
  const names = Object.values(kinds).flatMap((info) => [info.plural, info.singular, ...info.shortNames]);
  assert.equal(new Set(names).size, names.length);
});
