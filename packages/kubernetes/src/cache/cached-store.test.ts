import assert from "node:assert/strict";
import { getTestContext, test } from "node:test";
import { silentLog, systemClock, VirtualClock } from "@slipway/base";
import { type LocalStore, openMemoryStore } from "@slipway/store";
import { sampleModel, storeSuite } from "@slipway/testkit";
import { kindPath } from "../rest/kind-path.ts";
import { RestClient } from "../rest/rest-client.ts";
import { KubernetesStore } from "../store/kubernetes-store.ts";
import { received } from "../store/received.ts";
import { startApiServer } from "../testing/api-server.ts";
import { remembering } from "../testing/remembering.ts";
import { CachedStore } from "./cached-store.ts";
import { ObjectCache } from "./object-cache.ts";
import { OutageLog } from "./outage-log.ts";

/** A cached store over a stand-in for an API server, which has this store behind it. */
async function cached(local: LocalStore, clock: VirtualClock) {
  const server = await startApiServer(local, clock);
  const calls: string[] = [];
  const rest = new RestClient({
    baseUrl: server.baseUrl,
    fetch: (url, init) => {
      calls.push(`${init.method} ${new URL(url).pathname}`);
      return server.fetch(url, init);
    },
  });
  const outages = new OutageLog(silentLog);
  const cache = <K extends "Model" | "Revision">(kind: K) =>
    new ObjectCache({
      name: kind,
      rest,
      clock: systemClock,
      outages,
      path: kindPath(kind),
      read: (value) => received(kind, value),
    });
  const caches = { Model: cache("Model"), Revision: cache("Revision") };
  const stop = new AbortController();
  const running = Object.values(caches).map((each) => each.run(stop.signal));
  await Promise.all(Object.values(caches).map(({ synced }) => synced));
  return {
    store: new CachedStore(new KubernetesStore({ server, clock: systemClock }), caches),
    calls,
    stop: async () => {
      stop.abort();
      await Promise.all(running);
      await server.close();
      local.close();
    },
  };
}

/** Tests of the suite that this store cannot pass, and why. They run on the store behind it, and count as skipped. */
const removal = "an API server answers a removal without the version it made";
const skips: readonly { readonly test: RegExp; readonly reason: string }[] = [
  { test: /^applying: status is applied/, reason: "an API server cannot apply the scale of a custom resource" },
  { test: /^removing: .* at a version of its own$/, reason: removal },
  { test: /^removing: an object with finalizers is marked/, reason: "a list is of the version that the watch has come to" },
  { test: /^collecting: in the background/, reason: removal },
  { test: /^namespaces: the default namespace/, reason: "an API server's refusal also says what to do" },
  { test: /^watching: /, reason: "a cache may be behind, and the suite lists and watches in the same moment" },
];

storeSuite("a cache before an API server", async (options) => {
  const local = openMemoryStore(options);
  const context = getTestContext();
  const skip = skips.find((each) => each.test.test(context?.name ?? ""));
  if (skip !== undefined) {
    (context as { skip(reason: string): void }).skip(skip.reason);
    return { store: local, stop: async () => local.close() };
  }
  const { store, stop } = await cached(local, options.clock);
  // Of what only a local store has, the suite uses the sweep of Events, which is the API server's business.
  return { store: Object.assign(remembering(store), { sweep: local.sweep.bind(local) }) as unknown as LocalStore, stop };
});

test("reads cost no call, what was written is read at once, and a watch tells of everything", async (t) => {
  const clock = new VirtualClock();
  const { store, calls, stop } = await cached(openMemoryStore({ clock }), clock);
  t.after(stop);
  const from = (await store.list("Model")).version;
  const seen: string[] = [];
  const end = new AbortController();
  const watching = (async () => {
    for await (const change of store.watch("Model", { from }, end.signal)) {
      if (change.type === "bookmark") continue;
      seen.push(`${change.type} ${change.resource.metadata.name}`);
      if (change.type === "deleted") end.abort();
    }
  })();
  const model = await store.write(sampleModel("a"), { expect: "absent", manager: "test" });
  const before = calls.length;
  for (let read = 0; read < 100; read++) {
    assert.equal(await store.get("Model", { namespace: "default", name: "a" }), model);
    assert.deepEqual((await store.list("Model")).items, [model]);
  }
  assert.equal(calls.length, before);
  const next = { ...model, spec: { ...model.spec, replicas: 3 } };
  await store.write(next, { expect: model.metadata.resourceVersion!, manager: "test" });
  await store.remove("Model", { namespace: "default", name: "a" });
  assert.equal(await store.get("Model", { namespace: "default", name: "a" }), undefined);
  await watching;
  assert.deepEqual(seen, ["added a", "modified a", "deleted a"]);
});
