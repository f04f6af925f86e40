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
  assert.equal(all.typeOf(change("added", resource("m", "a"))), "ADDED");
  assert.equal(all.typeOf(change("modified", resource("m", "a"))), "MODIFIED");
  assert.equal(all.typeOf(change("deleted", resource("m", "a"))), "DELETED");
});

test("WatchFilter adds what begins to match and deletes what stops", () => {
  const selected = filter("labelSelector=app%3Da");
  assert.equal(selected.typeOf(change("added", resource("m", "b"))), undefined);
  assert.equal(selected.typeOf(change("modified", resource("m", "a"))), "ADDED");
  assert.equal(selected.typeOf(change("modified", resource("m", "a"))), "MODIFIED");
  assert.equal(selected.typeOf(change("modified", resource("m", "b"))), "DELETED");
  assert.equal(selected.typeOf(change("modified", resource("m", "b"))), undefined);
  assert.equal(selected.typeOf(change("deleted", resource("m", "b"))), undefined);
});

test("WatchFilter tells of objects it has not seen in the way that is safe", () => {
  const selected = filter("labelSelector=app%3Da");
  assert.equal(selected.typeOf(change("modified", resource("seen-before", "a"))), "MODIFIED");
  assert.equal(selected.typeOf(change("modified", resource("left", "b"))), "DELETED");
  assert.equal(selected.typeOf(change("deleted", resource("gone", "a"))), "DELETED");
  selected.saw(resource("shown", "a"));
  assert.equal(selected.typeOf(change("modified", resource("shown", "b"))), "DELETED");
});

test("WatchFilter never tells of another name", () => {
  const one = filter("fieldSelector=metadata.name%3Dm");
  assert.equal(one.typeOf(change("modified", resource("other", "a"))), undefined);
  assert.equal(one.typeOf(change("deleted", resource("other", "a"))), undefined);
  assert.equal(one.typeOf(change("deleted", resource("m", "a"))), "DELETED");
});
