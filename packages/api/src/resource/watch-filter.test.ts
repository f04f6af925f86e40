import assert from "node:assert/strict";
import { test } from "node:test";
import type { Model } from "@slipway/spec";
import { selectionOf } from "../select/selection.ts";
import { WatchFilter } from "./watch-filter.ts";

const resource = (name: string, app: string) =>
  ({ kind: "Model", metadata: { name, uid: name, labels: { app } } }) as unknown as Model;
const change = (type: "added" | "modified" | "deleted", object: Model) => ({ type, resource: object, version: "1" });
const filter = (query: string) => new WatchFilter(selectionOf("Model", undefined, new URLSearchParams(query)));

test("WatchFilter shows every change when there is no selector", () => {
  const all = filter("");
  assert.equal(all.eventOf(change("added", resource("m", "a")))?.type, "ADDED");
  assert.equal(all.eventOf(change("modified", resource("m", "a")))?.type, "MODIFIED");
  assert.equal(all.eventOf(change("deleted", resource("m", "a")))?.type, "DELETED");
});

test("WatchFilter adds what begins to match and deletes what stops", () => {
  const selected = filter("labelSelector=app%3Da");
  assert.equal(selected.eventOf(change("added", resource("m", "b")))?.type, undefined);
  assert.equal(selected.eventOf(change("modified", resource("m", "a")))?.type, "ADDED");
  assert.equal(selected.eventOf(change("modified", resource("m", "a")))?.type, "MODIFIED");
  assert.equal(selected.eventOf(change("modified", resource("m", "b")))?.type, "DELETED");
  assert.equal(selected.eventOf(change("modified", resource("m", "b")))?.type, undefined);
  assert.equal(selected.eventOf(change("deleted", resource("m", "b")))?.type, undefined);
});

test("WatchFilter tells of objects it has not seen in the way that is safe", () => {
  const selected = filter("labelSelector=app%3Da");
  assert.equal(selected.eventOf(change("modified", resource("seen-before", "a")))?.type, "MODIFIED");
  assert.equal(selected.eventOf(change("modified", resource("left", "b")))?.type, "DELETED");
  assert.equal(selected.eventOf(change("deleted", resource("gone", "a")))?.type, "DELETED");
  selected.saw(resource("shown", "a"));
  assert.equal(selected.eventOf(change("modified", resource("shown", "b")))?.type, "DELETED");
});

test("WatchFilter never tells of another name", () => {
  const one = filter("fieldSelector=metadata.name%3Dm");
  assert.equal(one.eventOf(change("modified", resource("other", "a")))?.type, undefined);
  assert.equal(one.eventOf(change("deleted", resource("other", "a")))?.type, undefined);
  assert.equal(one.eventOf(change("deleted", resource("m", "a")))?.type, "DELETED");
});
