import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import type { Model } from "@slipway/spec";
import { openMemoryStore, type Store } from "@slipway/store";
import { EventRecorder } from "./event-recorder.ts";

const model = {
  apiVersion: "slipway.dev/v1alpha1",
  kind: "Model",
  metadata: { name: "digits", namespace: "default", uid: "7d1f6a52" },
} as Model;
const ready = { type: "Normal", reason: "Ready", message: "digits-1 answers." } as const;
const told = (number: number) => ({ ...ready, message: `digits-${number} answers.` });

/** A store that counts the calls that recording makes, and recorders that write to it. */
function stage() {
  const clock = new VirtualClock();
  const store = openMemoryStore({ clock });
  const calls: string[] = [];
  const counted = {
    get: (...args: Parameters<Store["get"]>) => {
      calls.push("get");
      return store.get(...args);
    },
    write: (...args: Parameters<Store["write"]>) => {
      calls.push("write");
      return store.write(...args);
    },
  } as unknown as Store;
  const counts = async () => (await store.list("Event")).items.map(({ count }) => count);
  return { store, calls, counts, recorder: () => new EventRecorder(counted, clock) };
}

test("an event is one write, and the same again one more that raises its count", async () => {
  const { calls, counts, recorder } = stage();
  const events = recorder();
  await events.record(model, [ready]);
  assert.deepEqual(calls.splice(0), ["write"]);
  await events.record(model, [ready]);
  assert.deepEqual([calls.splice(0), await counts()], [["write"], [2]]);
});

test("what another control wrote is counted on, and what has expired begins anew", async () => {
  const { store, calls, counts, recorder } = stage();
  const first = recorder();
  await first.record(model, [ready]);
  await recorder().record(model, [ready]);
  assert.deepEqual(calls.splice(0), ["write", "write", "get", "write"]);
  await first.record(model, [ready]);
  assert.deepEqual(await counts(), [3]);
  await store.remove("Event", (await store.list("Event")).items[0]!.metadata);
  await first.record(model, [ready]);
  assert.deepEqual(await counts(), [1]);
});

test("however many are told, few are remembered, and the count is right all the same", async () => {
  const { calls, counts, recorder } = stage();
  const events = recorder();
  for (let number = 0; number < 1_100; number++) await events.record(model, [told(number)]);
  calls.length = 0;
  await events.record(model, [told(0)]);
  assert.deepEqual(calls, ["write", "get", "write"]);
  assert.equal((await counts()).filter((count) => count === 2).length, 1);
});
