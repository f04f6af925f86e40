import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VirtualClock } from "@slipway/base";
import { HoldQueue, type Waiter } from "./hold-queue.ts";

function waiter(name: string, heard: string[], bytes = 0, again?: () => void): Waiter {
  return {
    bytes,
    released() {
      heard.push(`${name} released`);
      again?.();
    },
    expired: () => heard.push(`${name} expired`),
  };
}

describe("HoldQueue", () => {
  it("releases in order, also those that wait once more", () => {
    const queue = new HoldQueue(new VirtualClock(), { perModel: 10, bytes: 100, ms: 1 });
    const heard: string[] = [];
    for (const name of ["a", "b", "c"]) {
      const one: Waiter = waiter(name, heard, 0, () => queue.hold("m", one, 1_000));
      queue.hold("m", one, 1_000);
    }
    queue.releaseAll();
    queue.releaseAll();
    assert.deepEqual(
      heard,
      [...["a", "b", "c"], ...["a", "b", "c"]].map((name) => `${name} released`),
    );
    assert.equal(queue.waiting, 3);
  });

  it("refuses above the count of a model and the bytes of all", () => {
    const queue = new HoldQueue(new VirtualClock(), { perModel: 2, bytes: 100, ms: 1 });
    queue.hold("m", waiter("a", []), 1);
    queue.hold("m", waiter("b", [], 60), 1);
    assert.throws(() => queue.hold("m", waiter("c", []), 1), { code: "overloaded", retryAfter: 1 });
    assert.throws(() => queue.hold("n", waiter("d", [], 41), 1), { code: "overloaded" });
    queue.hold("n", waiter("e", [], 40), 1);
    queue.releaseAll();
    assert.equal(queue.waiting, 0);
    queue.hold("n", waiter("f", [], 100), 1);
  });

  it("tells those that waited too long, once", async () => {
    const clock = new VirtualClock();
    const queue = new HoldQueue(clock, { perModel: 2, bytes: 100, ms: 1 });
    const heard: string[] = [];
    const left = waiter("b", heard);
    queue.hold("m", waiter("a", heard), 50);
    queue.hold("m", left, 50);
    queue.leave("m", left);
    await clock.advance(49);
    assert.deepEqual(heard, []);
    await clock.advance(1);
    queue.releaseAll();
    assert.deepEqual(heard, ["a expired"]);
    assert.equal(queue.waiting, 0);
  });
});
