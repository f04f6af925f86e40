import assert from "node:assert/strict";
import { test } from "node:test";
import type { Revision } from "@slipway/spec";
import { RevisionIndex } from "./revision-index.ts";

const model = { namespace: "default", name: "digits" };

function revision(name: string, resourceVersion: number, of = "digits"): Revision {
  return {
    apiVersion: "slipway.dev/v1alpha1",
    kind: "Revision",
    metadata: { namespace: "default", name, resourceVersion: String(resourceVersion) },
    spec: { model: of, number: 1, source: { bundle: `sha256:${"a".repeat(64)}` }, parameters: {}, resources: {} },
  };
}

const seen = (index: RevisionIndex) => index.of(model).map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);

test("revisions are found by the Model they name", () => {
  const index = new RevisionIndex();
  index.replace([revision("digits-1", 1), revision("other-1", 2, "other")], "2");
  assert.deepEqual(seen(index), ["digits-1@1"]);
  assert.deepEqual(index.of({ namespace: "team", name: "digits" }), []);
});

test("what control wrote stays, although the watch tells of it later", () => {
  const index = new RevisionIndex();
  index.put(revision("digits-1", 9));
  index.put(revision("digits-1", 5));
  index.drop(revision("digits-1", 6));
  assert.deepEqual(seen(index), ["digits-1@9"]);
  index.drop(revision("digits-1", 9));
  assert.deepEqual(seen(index), []);
});

test("a list made before a write does not undo it, and takes away what is gone", () => {
  const index = new RevisionIndex();
  index.put(revision("digits-1", 3));
  index.put(revision("digits-2", 9));
  index.replace([], "8");
  assert.deepEqual(seen(index), ["digits-2@9"]);
});
