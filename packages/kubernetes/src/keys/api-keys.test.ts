import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { systemClock } from "@slipway/base";
import { ClusterObjects } from "../cluster/cluster-objects.ts";
import { ClusterServer } from "../testing/cluster-server.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";

const path = "/api/v1/namespaces/slipway-system/secrets/slipway-api-keys";

function setUp() {
  const server = new ClusterServer();
  const objects = new ClusterObjects({ server, clock: systemClock, signal: new AbortController().signal });
  return { server, objects };
}

test("a key is given once, and only its hash is kept", async () => {
  const { server, objects } = setUp();
  const key = await createApiKey(objects, "slipway-system", { name: "ada", models: ["vision/digits", "speech/*"] });
  assert.match(key, /^slw_ada_[0-9a-f]{64}$/);
  const kept = JSON.stringify(server.get(path));
  assert.ok(!kept.includes(key) && !kept.includes(Buffer.from(key).toString("base64")));
  const keys = await listApiKeys(objects, "slipway-system");
  assert.deepEqual(keys.get("ada")?.sha256, createHash("sha256").update(key).digest("hex"));
  assert.deepEqual(keys.get("ada")?.models, ["vision/digits", "speech/*"]);
  await createApiKey(objects, "slipway-system", { name: "bob" });
  await assert.rejects(createApiKey(objects, "slipway-system", { name: "bob" }), { code: "alreadyExists" });
  await revokeApiKey(objects, "slipway-system", "ada");
  assert.deepEqual([...(await listApiKeys(objects, "slipway-system")).keys()], ["bob"]);
  await assert.rejects(revokeApiKey(objects, "slipway-system", "ada"), { code: "notFound", hint: "There are bob." });
});

test("what is no name of a key or a Model is refused", async () => {
  const { objects, server } = setUp();
  for (const name of ["", "A", "a_b", "a/b"])
    await assert.rejects(createApiKey(objects, "slipway-system", { name }), { code: "invalid" });
  for (const model of ["digits", "a/b/c", "/digits", "a/", "*/digits", "a/b*"])
    await assert.rejects(createApiKey(objects, "slipway-system", { name: "a", models: [model] }), { code: "invalid" }, model);
  assert.deepEqual(server.writes, []);
});
