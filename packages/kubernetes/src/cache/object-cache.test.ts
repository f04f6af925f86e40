import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, VirtualClock } from "@slipway/base";
import { RestClient } from "../rest/rest-client.ts";
import { ObjectServer } from "../testing/object-server.ts";
import { type CachedObject, ObjectCache } from "./object-cache.ts";
import { OutageLog } from "./outage-log.ts";

/** A cache that runs until the test's end. */
function world({ down = false } = {}) {
  const server = new ObjectServer();
  server.down = down;
  const clock = new VirtualClock();
  const logged: string[] = [];
  const log = createLog({ write: (line) => logged.push(JSON.parse(line).level), clock });
  const cache = new ObjectCache<CachedObject & { n?: number }>({
    name: "Things",
    rest: new RestClient(server),
    clock,
    outages: new OutageLog(log),
    path: "/apis/example/v1/things",
    read: (object) => object as CachedObject,
  });
  const stop = new AbortController();
  const running = cache.run(stop.signal);
  const names = () => [...cache.values()].map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
  const finish = async () => {
    stop.abort();
    server.cut();
    await running;
  };
  /** Changes as a follower from a version on sees them. */
  const follow = async (from: string) => {
    const seen: string[] = [];
    const end = new AbortController();
    const reading = (async () => {
      for await (const { type, object, version } of cache.changes.follow(from, end.signal))
        seen.push(`${type} ${object.metadata.name} ${version}`);
    })();
    await clock.advance(1);
    end.abort();
    await reading;
    return seen;
  };
  return { server, clock, cache, names, finish, follow, logged };
}

test("what is there and what changes is known without a call", async () => {
  const { server, clock, cache, names, finish, follow } = world();
  server.put("a");
  await clock.advance(1_000);
  await cache.synced;
  const from = cache.version;
  server.put("b");
  server.put("a", { n: 1 });
  server.remove("b");
  await clock.advance(1_000);
  assert.deepEqual(names(), ["a 4"]);
  assert.equal(cache.get("default", "a")?.n, 1);
  assert.deepEqual(await follow(from), ["added b 3", "modified a 4", "deleted b 5"]);
  assert.deepEqual(server.calls, ["list", "watch 1"]);
  await finish();
});

test("what this process wrote is read at once, and nothing older after it", async () => {
  const { server, clock, cache, names, finish } = world();
  await clock.advance(1_000);
  const first = server.put("a", { n: 1 });
  const second = server.put("a", { n: 2 });
  cache.put(second);
  cache.put(first);
  assert.equal(cache.get("default", "a")?.n, 2);
  await clock.advance(1_000);
  assert.deepEqual(names(), ["a 3"]);
  await finish();
});

test("what is gone does not come back by an answer that was late", async () => {
  const { server, clock, cache, names, finish } = world();
  await clock.advance(1_000);
  const late = server.put("a");
  server.remove("a");
  await clock.advance(1_000);
  cache.put(late);
  assert.deepEqual(names(), []);
  cache.put(server.put("a", {}, "another"));
  assert.deepEqual(names(), ["a 4"]);
  cache.drop({ metadata: { name: "a", namespace: "default", uid: "another" } });
  await clock.advance(1_000);
  assert.deepEqual(names(), [], "the watch's echo of what was removed meanwhile is not news");
  await finish();
});

test("history that is gone is made up for by a list, and followers miss nothing", async () => {
  const { server, clock, cache, names, finish, follow, logged } = world();
  server.put("stays");
  server.put("goes");
  server.put("changes");
  await clock.advance(1_000);
  const from = cache.version;
  server.down = true;
  server.cut();
  await clock.advance(20_000);
  server.put("comes");
  server.put("changes", { n: 1 });
  server.remove("goes");
  server.forget();
  server.down = false;
  await clock.advance(60_000);
  assert.deepEqual(names(), ["changes 6", "comes 5", "stays 2"]);
  assert.deepEqual((await follow(from)).sort(), ["added comes 7", "deleted goes 7", "modified changes 7"]);
  assert.deepEqual(logged, ["warn", "info", "info"], "an outage is told of once, and its end; and that the history was gone");
  await finish();
});

test("a server that is away at the start is waited for", async () => {
  const { server, clock, cache, names, finish, logged } = world({ down: true });
  server.put("a");
  await clock.advance(300_000);
  assert.ok(server.calls.length < 30, `${server.calls.length} calls in five minutes`);
  server.down = false;
  await clock.advance(30_000);
  await cache.synced;
  assert.deepEqual(names(), ["a 2"]);
  assert.deepEqual(logged, ["warn", "info"]);
  await finish();
});
