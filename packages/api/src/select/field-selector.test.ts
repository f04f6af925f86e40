import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "@slipway/spec";
import { parseFieldSelector } from "./field-selector.ts";

const event: Event = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "e", namespace: "default" },
  involvedObject: { kind: "Model", name: "digits" },
  reason: "Started",
  type: "Normal",
  source: { component: "control" },
};

test("parseFieldSelector selects events by what they are about", () => {
  assert.equal(parseFieldSelector("Event", "involvedObject.kind=Model,involvedObject.name==digits").matches(event), true);
  assert.equal(parseFieldSelector("Event", "involvedObject.name!=digits").matches(event), false);
  assert.equal(parseFieldSelector("Event", "type!=Normal").matches(event), false);
  assert.equal(parseFieldSelector("Event", "source=control,involvedObject.uid=").matches(event), true);
  assert.equal(parseFieldSelector("Event", "").matches(event), true);
});

test("parseFieldSelector knows the only name that can match", () => {
  assert.equal(parseFieldSelector("Model", "metadata.name=a,metadata.namespace=b").name, "a");
  assert.equal(parseFieldSelector("Model", "metadata.name!=a").name, undefined);
});

test("parseFieldSelector refuses fields the kind is not selected by, and names those it is", () => {
  assert.throws(() => parseFieldSelector("Model", "spec.replicas=1"), /field label not supported: spec\.replicas/);
  assert.throws(() => parseFieldSelector("Model", "reason=x"), /field label not supported: reason/);
  assert.throws(() => parseFieldSelector("Model", "metadata.name"), /invalid field selector/);
});
