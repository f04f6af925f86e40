import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { FakeRoutes } from "./fake-routes.ts";

const route = (percent: number) => ({
  namespace: "default",
  name: "digits",
  revisions: [{ name: "digits-1", percent, replicas: [] }],
});

test("a table is in force once every gateway has it, and until then either may be used", async () => {
  const clock = new VirtualClock();
  const delays = [10, 30];
  const routes = new FakeRoutes({ clock, gateways: 2, acknowledgeMs: () => delays.shift() ?? 10 });
  const heard: number[] = [];
  routes.onAcknowledged((generation) => heard.push(generation));
  const generation = routes.publish("default", "digits", route(100));
  assert.deepEqual([generation, routes.acknowledged()], [2, 0]);
  routes.begin();
  await clock.advance(10);
  assert.deepEqual([routes.acknowledged(), routes.possible("default", "digits").length], [0, 2]);
  await clock.advance(20);
  assert.deepEqual([routes.acknowledged(), heard], [2, [2]]);
});

test("the same route again makes no new generation; removing it does", () => {
  const routes = new FakeRoutes({ clock: new VirtualClock() });
  assert.equal(routes.publish("default", "digits", route(100)), 2);
  assert.equal(routes.publish("default", "digits", route(100)), 2);
  assert.equal(routes.publish("default", "digits", undefined), 3);
});

test("gateways keep their table while control is away, until the next one begins", async () => {
  const clock = new VirtualClock();
  const routes = new FakeRoutes({ clock });
  routes.begin();
  routes.publish("default", "digits", route(100));
  await clock.advance(1);
  routes.restart();
  await clock.advance(1_000);
  assert.deepEqual([routes.acknowledged(), routes.possible("default", "digits")], [0, [route(100)]]);
  routes.begin();
  await clock.advance(1);
  assert.deepEqual([routes.acknowledged(), routes.possible("default", "digits")], [1, []]);
});
