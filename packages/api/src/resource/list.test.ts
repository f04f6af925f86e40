import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Answer, models, type RunningApi, startApi, storedModel } from "../testing/running-api.ts";

const names = (answer: Answer) => (answer.body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
const meta = (answer: Answer) =>
  answer.body.metadata as { resourceVersion: string; continue?: string; remainingItemCount?: number };

describe("list", () => {
  let api: RunningApi;
  before(async () => {
    api = await startApi();
    for (const name of ["e", "b", "d", "a", "c"])
      await storedModel(api.store, name, { metadata: { labels: { odd: String("ace".includes(name)) } } });
  });
  after(() => api.close());

  test("selects by label and field", async () => {
    assert.deepEqual(names(await api.request("GET", models)), ["a", "b", "c", "d", "e"]);
    assert.deepEqual(names(await api.request("GET", `${models}?labelSelector=odd%3Dtrue`)), ["a", "c", "e"]);
    assert.deepEqual(names(await api.request("GET", `${models}?fieldSelector=metadata.name%3Dc`)), ["c"]);
    assert.deepEqual(
      names(await api.request("GET", "/apis/slipway.dev/v1alpha1/models?fieldSelector=metadata.namespace!%3Ddefault")),
      [],
    );
    assert.equal((await api.request("GET", `${models}?fieldSelector=spec.x%3Dc`)).status, 400);
    assert.equal((await api.request("GET", `${models}?labelSelector=%3D`)).status, 400);
  });

  test("pages are of one version, whatever is written meanwhile", async () => {
    const first = await api.request("GET", `${models}?limit=2`);
    assert.deepEqual([names(first), meta(first).remainingItemCount], [["a", "b"], 3]);
    await storedModel(api.store, "bb");
    const second = await api.request("GET", `${models}?limit=2&continue=${meta(first).continue}`);
    assert.deepEqual([names(second), meta(second).resourceVersion], [["c", "d"], meta(first).resourceVersion]);
    const third = await api.request("GET", `${models}?limit=2&continue=${meta(second).continue}`);
    assert.deepEqual([names(third), meta(third).continue], [["e"], undefined]);
    assert.deepEqual(names(await api.request("GET", models)), ["a", "b", "bb", "c", "d", "e"]);
    await api.store.remove("Model", { namespace: "default", name: "bb" });
  });

  test("pages with a selector do not promise a count", async () => {
    const page = await api.request("GET", `${models}?limit=1&labelSelector=odd%3Dtrue`);
    assert.deepEqual([names(page), meta(page).remainingItemCount], [["a"], undefined]);
    const rest = await api.request("GET", `${models}?labelSelector=odd%3Dtrue&continue=${meta(page).continue}`);
    assert.deepEqual(names(rest), ["c", "e"]);
  });

  test("a page of a list that is no longer kept is 410, with a token to go on", async () => {
    const first = await api.request("GET", `${models}?limit=2`);
    for (let other = 0; other < 20; other += 1) {
      await storedModel(api.store, `x${other}`);
      await api.request("GET", `${models}?limit=1`);
    }
    const gone = await api.request("GET", `${models}?limit=2&continue=${meta(first).continue}`);
    assert.deepEqual([gone.status, gone.body.reason], [410, "Expired"]);
    const next = await api.request("GET", `${models}?limit=2&continue=${meta(gone).continue}`);
    assert.deepEqual(names(next), ["c", "d"]);
    for (let other = 0; other < 20; other += 1) await api.store.remove("Model", { namespace: "default", name: `x${other}` });
  });

  test("the version asked for is honoured or refused", async () => {
    const version = meta(await api.request("GET", models)).resourceVersion;
    const at = (query: string) => api.request("GET", `${models}?${query}`);
    for (const query of [
      "resourceVersion=0",
      `resourceVersion=${version}`,
      "resourceVersion=1&resourceVersionMatch=NotOlderThan",
      `resourceVersion=${version}&resourceVersionMatch=Exact`,
    ]) {
      assert.equal((await at(query)).status, 200, query);
    }
    const future = await at("resourceVersion=999999");
    assert.deepEqual([future.status, future.body.message], [504, `Too large resource version: 999999, current: ${version}`]);
    assert.equal((await at("resourceVersion=1&resourceVersionMatch=Exact")).status, 410);
    for (const query of ["resourceVersion=x", "limit=-1", "limit=x", "continue=nonsense", "continue=bnVsbA"]) {
      assert.equal((await at(query)).status, 400, query);
    }
    for (const query of [
      "resourceVersionMatch=Exact",
      "resourceVersion=1&resourceVersionMatch=Newer",
      "resourceVersion=0&resourceVersionMatch=Exact",
    ]) {
      assert.equal((await at(query)).status, 422, query);
    }
  });
});
