import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "@slipway/spec";
import type { Change, LocalStore, WatchOptions } from "@slipway/store";
import fc from "fast-check";
import { churn, followModels } from "./churn.ts";
import { sampleModel, sampleNamespace, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory } from "./store-suite.ts";
import { refused, withStore } from "./with-store.ts";

const manager = "tester";

/** Watching: order, completeness, history that is no longer kept, bookmarks. */
export function watchingSuite(factory: StoreFactory): void {
  const run = (name: string, body: Parameters<typeof withStore>[1], options: { historyLimit?: number } = {}) =>
    test(`watching: ${name}`, { timeout: 30_000 }, () => withStore(factory, body, options));

  run("changes come in order, of one kind, and of one namespace if asked", async (store) => {
    await store.write(sampleNamespace("a"), { expect: "absent", manager });
    const { version } = await store.list("Model");
    const all = take(store, "Model", { from: version }, 4);
    const some = take(store, "Model", { from: version, namespace: "a" }, 1);
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    await store.write(sampleSecret("s"), { expect: "absent", manager });
    await store.write(made, { expect: made.metadata.resourceVersion!, manager });
    const changed = await store.write(
      { ...made, spec: { ...made.spec, replicas: 2 } },
      { expect: made.metadata.resourceVersion!, manager },
    );
    const inside = await store.write(sampleModel("m", {}, { namespace: "a" }), { expect: "absent", manager });
    const gone = await store.remove("Model", { namespace: "default", name: "m" });
    const seen = (await all).map((change) => [change.type, change.version, change.type !== "bookmark" && change.resource]);
    const expected = [
      ["added", made],
      ["modified", changed],
      ["added", inside],
      ["deleted", gone],
    ] as const;
    assert.deepEqual(
      seen,
      expected.map(([type, resource]) => [type, resource.metadata.resourceVersion, resource]),
    );
    assert.deepEqual(
      (await some).map(({ version }) => version),
      [inside.metadata.resourceVersion],
    );
  });

  run("a watch begins in the past, and sees each state an object had", async (store) => {
    const { version } = await store.list("Model");
    await churn(store, { writers: 1, writes: 20, seed: 1 });
    const first = await take(store, "Model", { from: version }, 20);
    assert.deepEqual(
      first.map(({ version: each }) => Number(each)),
      Array.from({ length: 20 }, (_, index) => Number(version) + 1 + index),
    );
    const later = await take(store, "Model", { from: first[9]!.version }, 10);
    assert.deepEqual(later, first.slice(10));
  });

  run(
    "history that is not kept any more is expired, and so is a version from the future",
    async (store) => {
      const { version } = await store.list("Model");
      await churn(store, { writers: 1, writes: 40, seed: 2 });
      const error = await refused(take(store, "Model", { from: version }, 1), "expired");
      assert.equal(error.httpStatus, 410);
      assert.match(error.message, /^too old resource version: 1 /);
      const now = (await store.list("Model")).version;
      await refused(take(store, "Model", { from: String(Number(now) + 1) }, 1), "expired");
      await refused(take(store, "Model", { from: "x" }, 1), "badRequest");
      assert.equal((await take(store, "Model", { from: String(Number(now) - 10) }, 10)).length, 10);
    },
    { historyLimit: 20 },
  );

  run(
    "a watcher that falls too far behind is told so, and costs nothing meanwhile",
    async (store) => {
      const { version } = await store.list("Model");
      const stop = new AbortController();
      const slow = store.watch("Model", { from: version }, stop.signal)[Symbol.asyncIterator]();
      await churn(store, { writers: 1, writes: 1, seed: 3 });
      await slow.next();
      await churn(store, { writers: 1, writes: 40, seed: 4 });
      await refused(slow.next() as Promise<unknown>, "expired");
    },
    { historyLimit: 20 },
  );

  run("a bookmark a minute says how far the watch is", async (store, clock) => {
    const { version } = await store.list("Model");
    const seen = take(store, "Model", { from: version, bookmarks: true }, 2);
    const secret = await store.write(sampleSecret("s"), { expect: "absent", manager });
    await clock.advance(59_999);
    const made = await store.write(sampleModel("m"), { expect: "absent", manager });
    await clock.advance(1);
    assert.deepEqual(
      (await seen).map(({ type, version: each }) => [type, each]),
      [
        ["added", made.metadata.resourceVersion],
        ["bookmark", made.metadata.resourceVersion],
      ],
    );
    assert.notEqual(secret.metadata.resourceVersion, made.metadata.resourceVersion);
  });

  run("an abort ends a watch, waiting or not", async (store) => {
    const { version } = await store.list("Model");
    const stop = new AbortController();
    const waiting = store.watch("Model", { from: version }, stop.signal)[Symbol.asyncIterator]().next();
    stop.abort();
    assert.equal((await waiting).done, true);
    assert.equal((await store.watch("Model", { from: version }, stop.signal)[Symbol.asyncIterator]().next()).done, true);
  });

  test("watching: list and watch together miss and repeat nothing, whatever writers do", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        async (writers, starts, seed) => {
          await withStore(factory, async (store) => {
            const stop = new AbortController();
            const followers = starts.map((turns) => followModels(store, turns, stop.signal));
            await churn(store, { writers, writes: 25, seed });
            const { items, version } = await store.list("Model");
            const views = await Promise.all(followers.map((follower) => follower.upTo(version)));
            stop.abort();
            for (const view of views) assert.deepEqual(view, items);
          });
        },
      ),
      { numRuns: 25 },
    );
  });
}

async function take<K extends Kind>(store: LocalStore, kind: K, options: WatchOptions, count: number): Promise<Change<K>[]> {
  const stop = new AbortController();
  const seen: Change<K>[] = [];
  for await (const change of store.watch(kind, options, stop.signal)) if (seen.push(change) === count) break;
  stop.abort();
  return seen;
}
