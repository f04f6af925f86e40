import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "@slipway/base";
import { echo, startPlatform, until } from "./testing/start-platform.ts";

describe("a gateway that leaves", () => {
  it("is not ready, sends clients away, serves who still comes, and is done when nobody came for a while", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
    const before = await platform.call("/v2/models/digits/infer", { body: "x" });
    assert.notEqual(before.headers.connection, "close");
    let left = false;
    const leaving = platform.gateway.leave({ quietMs: 400, mostMs: 20_000 }).then(() => {
      left = true;
    });
    assert.equal((await platform.call("/v2/health/ready")).status, 503);
    assert.equal((await platform.call("/v2/health/live")).status, 200);
    const started = systemClock.monotonic();
    while (systemClock.monotonic() - started < 1_000) {
      const got = await platform.call("/v2/models/digits/infer", { body: "x" });
      assert.deepEqual([got.status, got.headers.connection], [200, "close"]);
      assert.equal(left, false);
    }
    await leaving;
    assert.ok(systemClock.monotonic() - started < 10_000);
  });

  it("does not wait for ever for who keeps coming", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
    let left = false;
    const leaving = platform.gateway.leave({ quietMs: 5_000, mostMs: 300 }).then(() => {
      left = true;
    });
    await until("it is done", () => {
      void platform.call("/v2/models/digits/infer", { body: "x" }).catch(() => {});
      return left;
    });
    await leaving;
  });
});
