import assert from "node:assert/strict";
import { test } from "node:test";
import { runGroup, silentLog, VirtualClock } from "@slipway/base";
import { sampleEvent } from "@slipway/testkit";
import { eventSweeper } from "./event-sweeper.ts";
import { openMemoryStore } from "./open-store.ts";

test("old events go within a minute of their hour", async () => {
  const clock = new VirtualClock();
  const store = openMemoryStore({ clock });
  await store.write(sampleEvent("e", "2026-01-01T00:00:00Z"), { expect: "absent", manager: "tester" });
  const stop = new AbortController();
  const running = runGroup([eventSweeper({ store, clock, log: silentLog })], stop.signal);
  await clock.advance(3_600_000);
  assert.equal((await store.list("Event")).items.length, 1);
  await clock.advance(60_000);
  assert.equal((await store.list("Event")).items.length, 0);
  stop.abort();
  await running;
});
