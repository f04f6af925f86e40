import assert from "node:assert/strict";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { Kind, Resource } from "@slipway/spec";
import { collect, type LocalStore } from "@slipway/store";
import fc from "fast-check";
import { turn } from "./churn.ts";
import { ownerOf, sampleModel, sampleNamespace, sampleSecret } from "./sample-resources.ts";
import type { StoreFactory, StoreUnderTest } from "./store-suite.ts";

/** A store that can be ended and opened again with all it had. */
export type ReopenableFactory = (
  options: Parameters<StoreFactory>[0],
) => Promise<StoreUnderTest & { reopen(): Promise<LocalStore> }>;

const kindsUsed: readonly Kind[] = ["Namespace", "Model", "Secret"];

/** One step of a random program; the numbers choose among what there is. */
const step = fc.oneof(
  fc.record({
    do: fc.constant("write" as const),
    name: fc.nat(4),
    value: fc.nat(3),
    namespace: fc.nat(2),
    apply: fc.boolean(),
    force: fc.boolean(),
    owned: fc.boolean(),
  }),
  fc.record({ do: fc.constant("status" as const), name: fc.nat(4), value: fc.nat(3), namespace: fc.nat(2) }),
  fc.record({
    do: fc.constant("remove" as const),
    name: fc.nat(4),
    namespace: fc.nat(2),
    kind: fc.constantFrom(...kindsUsed),
    propagation: fc.constantFrom("Background" as const, "Foreground" as const, "Orphan" as const),
  }),
  fc.record({ do: fc.constant("namespace" as const), namespace: fc.nat(2) }),
  fc.record({ do: fc.constant("collect" as const) }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.nat(100) }),
  fc.record({ do: fc.constant("reopen" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Runs random programs on a store in memory, which is never ended, and on one that is ended and opened again in between. Both must answer
 * every step alike and end alike, and the changes each tells must add up to what it lists.
 */
export async function sameStores(memory: StoreFactory, durable: ReopenableFactory, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (program) => {
      const clock = new VirtualClock();
      const left = await memory({ clock, uid: counter() });
      const right = await durable({ clock, uid: counter() });
      let second = right.store;
      try {
        for (const each of program) {
          if (each.do === "wait") await clock.advance(each.seconds * 1000);
          else if (each.do === "reopen") second = await right.reopen();
          else assert.deepEqual(await outcome(second, each), await outcome(left.store, each), each.do);
        }
        assert.deepEqual(await contents(second), await contents(left.store));
        await addsUp(left.store);
        await addsUp(second);
      } finally {
        await left.stop();
        await right.stop();
      }
    }),
    { numRuns: runs },
  );
}

function counter(): () => string {
  let made = 0;
  return () => `uid-${made++}`;
}

async function outcome(store: LocalStore, each: Step): Promise<unknown> {
  try {
    return await perform(store, each);
  } catch (error) {
    const { code, message } = SlipwayError.from(error);
    return { code, message };
  }
}

async function perform(store: LocalStore, each: Step): Promise<unknown> {
  if (each.do === "collect") return collect(store);
  if (!("namespace" in each)) return undefined;
  const namespace = each.namespace === 0 ? "default" : `ns-${each.namespace}`;
  if (each.do === "namespace") return store.write(sampleNamespace(namespace), { expect: "absent", manager: "tester" });
  const key = { namespace, name: `m-${each.name}` };
  if (each.do === "remove") {
    return store.remove(each.kind, each.kind === "Namespace" ? { name: namespace } : key, { propagation: each.propagation });
  }
  const old = await store.get("Model", key);
  const expect = old?.metadata.resourceVersion ?? "absent";
  if (each.do === "status") {
    return store.write(
      { ...sampleModel(key.name, {}, { namespace }), status: { replicas: each.value } },
      { expect, manager: "control", subresource: "status" },
    );
  }
  if (each.owned && old !== undefined) {
    const secret = sampleSecret(key.name, { namespace, ownerReferences: [ownerOf(old)] });
    return store.write(secret, { expect: "absent", manager: "tester" });
  }
  const model = sampleModel(key.name, each.value === 0 ? {} : { parameters: { [`p${each.value % 2}`]: String(each.value) } }, {
    namespace,
  });
  return store.write(
    model,
    each.apply
      ? { expect, manager: `applier-${each.value}`, operation: "Apply", force: each.force }
      : { expect, manager: "tester" },
  );
}

async function contents(store: LocalStore): Promise<unknown[]> {
  return Promise.all(kindsUsed.map((kind) => store.list(kind)));
}

/** All changes since the beginning, one after the other, give what a list gives. */
async function addsUp(store: LocalStore): Promise<void> {
  for (const kind of kindsUsed) {
    const { items } = await store.list(kind);
    const view = new Map<string, Resource>();
    const stop = new AbortController();
    const watch = store.watch(kind, { from: "0" }, stop.signal);
    let last = 0;
    const seen = (async () => {
      for await (const change of watch) {
        assert.ok(change.type !== "bookmark" && Number(change.version) > last);
        last = Number(change.version);
        const { uid = "" } = change.resource.metadata;
        if (change.type === "deleted") view.delete(uid);
        else view.set(uid, change.resource);
      }
    })();
    // The history is there already: the watch goes through it without waiting, and then ends.
    await turn();
    stop.abort();
    await seen;
    const byUid = (a: Resource, b: Resource) => (a.metadata.uid! < b.metadata.uid! ? -1 : 1);
    assert.deepEqual([...view.values()].sort(byUid), [...(items as Resource[])].sort(byUid));
  }
}
