import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "@slipway/base";
import { FakeRoutes } from "@slipway/testkit";
import { PublishedRoutes } from "./published-routes.ts";

const key = { namespace: "default", name: "digits" };
const route = { ...key, revisions: [{ name: "digits-1", percent: 100, replicas: [] }] };

function stage() {
  const clock = new VirtualClock();
  const routes = new FakeRoutes({ clock, acknowledgeMs: () => 10 });
  routes.begin();
  const published = new PublishedRoutes(routes);
  const inForce: string[] = [];
  published.onInForce(({ name }) => inForce.push(name));
  return { clock, routes, published, inForce };
}

test("of a key it has said nothing about, nothing counts as in force", () => {
  const { published } = stage();
  assert.deepEqual([published.knows(key), published.routing(key).generation], [false, Number.POSITIVE_INFINITY]);
});

test("a route is published once, and told of once when it is in force everywhere", async () => {
  const { clock, published, inForce } = stage();
  published.publish(key, route);
  published.publish(key, route);
  assert.deepEqual(published.routing(key), { published: route, generation: 2, acknowledged: 0 });
  await clock.advance(100);
  assert.deepEqual([published.routing(key).acknowledged, inForce], [2, ["digits"]]);
});

test("that there is no route is something to say the first time", async () => {
  const { clock, published, inForce } = stage();
  await clock.advance(100);
  published.publish(key, undefined);
  published.publish(key, undefined);
  assert.deepEqual([published.knows(key), published.routing(key).generation, inForce], [true, 1, ["digits"]]);
});

test("what is forgotten is taken back", async () => {
  const { clock, routes, published } = stage();
  published.publish(key, route);
  await clock.advance(100);
  published.forget(key);
  await clock.advance(100);
  assert.deepEqual([published.knows(key), routes.possible("default", "digits")], [false, []]);
});
