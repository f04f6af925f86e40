import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "./history.ts";
import type { StoredChange } from "./persistence.ts";

function change(version: number, length: number): StoredChange {
  return { version, type: "modified", kind: "Model", namespace: "default", name: "m", text: "x".repeat(length) };
}

test("history is trimmed by number, a tenth at a time", () => {
  const history = new History({ changes: 10, characters: 1_000 });
  for (let version = 1; version <= 11; version++) history.append([change(version, 1)]);
  assert.equal(history.trim(), undefined);
  history.append([change(12, 1)]);
  assert.equal(history.trim(), 3);
  assert.deepEqual([history.compacted, history.version, history.next(2)?.version, history.next(12)], [2, 12, 3, undefined]);
});

test("history is trimmed by size, but never to nothing", () => {
  const history = new History({ changes: 10, characters: 100 });
  history.append([change(1, 40), change(2, 40), change(3, 40)]);
  assert.equal(history.trim(), 2);
  history.append([change(4, 500)]);
  assert.equal(history.trim(), 4);
  assert.deepEqual([history.compacted, history.version], [3, 4]);
});
