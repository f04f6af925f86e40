import assert from "node:assert/strict";
import { test } from "node:test";
import { PushTarget } from "./push-target.ts";

const digest = `sha256:${"a".repeat(64)}` as const;

test("a push goes to a repository, under a tag or not; a digest is what comes of it", () => {
  assert.equal(new PushTarget("h.io/team/x").tag, undefined);
  const tagged = new PushTarget("h.io:5000/x:v1");
  assert.deepEqual([tagged.tag, tagged.nameOf(digest)], ["v1", `h.io:5000/x@${digest}`]);
  assert.throws(() => new PushTarget(`h.io/x@${digest}`), { code: "usage", message: /what comes of a push/ });
});
