import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, VirtualClock } from "@slipway/base";
import { ownerOf, sampleModel, sampleNamespace, sampleRevision } from "@slipway/testkit";
import { openMemoryStore } from "../open-store.ts";
import { garbageActor } from "./garbage-actor.ts";

const manager = "tester";

test("the actor collects what is there at the start and what later deletions leave", { timeout: 10_000 }, async () => {
  const clock = new VirtualClock();
  const store = openMemoryStore({ clock });
  const stranger = { ...ownerOf(sampleModel("gone")), uid: "gone" };
  await store.write(sampleRevision("m-0000000001", { ownerReferences: [stranger] }), { expect: "absent", manager });
  const stop = new AbortController();
  const running = garbageActor({ store, clock, log: silentLog }).run(stop.signal);
  const deletions = store.watch("Revision", { from: "0" }, AbortSignal.any([stop.signal]))[Symbol.asyncIterator]();
  const nextDeletion = async () => {
    for (;;) {
      const { value } = await deletions.next();
      if (value?.type === "deleted") return value.resource.metadata.name;
    }
  };
  assert.equal(await nextDeletion(), "m-0000000001");
  const model = await store.write(sampleModel("m"), { expect: "absent", manager });
  await store.write(sampleRevision("m-0000000002", { ownerReferences: [ownerOf(model)] }), { expect: "absent", manager });
  await store.remove("Model", { namespace: "default", name: "m" });
  assert.equal(await nextDeletion(), "m-0000000002");
  await store.write(sampleNamespace("a"), { expect: "absent", manager });
  await store.write(sampleRevision("m-0000000003", { namespace: "a" }), { expect: "absent", manager });
  await store.remove("Namespace", { name: "a" });
  assert.equal(await nextDeletion(), "m-0000000003");
  stop.abort();
  await running;
});

test("a failure is tried again", { timeout: 10_000 }, async () => {
  const clock = new VirtualClock();
  const store = openMemoryStore({ clock });
  await store.write(sampleRevision("m-0000000001", { ownerReferences: [{ ...ownerOf(sampleModel("gone")), uid: "gone" }] }), {
    expect: "absent",
    manager,
  });
  let failures = 2;
  const flaky = Object.create(store, {
    remove: {
      value: (...args: Parameters<typeof store.remove>) =>
        failures-- > 0 ? Promise.reject(new Error("disk")) : store.remove(...args),
    },
  }) as typeof store;
  const stop = new AbortController();
  const running = garbageActor({ store: flaky, clock, log: silentLog }).run(stop.signal);
  while ((await store.list("Revision")).items.length > 0) await clock.advance(1_000);
  stop.abort();
  await running;
});
