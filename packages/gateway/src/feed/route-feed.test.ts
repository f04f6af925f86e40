import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Clock, silentLog, systemClock, VirtualClock } from "@slipway/base";
import type { ModelRoute, RouteTable } from "@slipway/protocol";
import { echo, startPlatform, until } from "../testing/start-platform.ts";
import { unixFeed } from "./feed-connector.ts";
import { RoutePublisher } from "./route-publisher.ts";
import { RouteSubscriber } from "./route-subscriber.ts";

function model(name: string, percent = 100): ModelRoute {
  return {
    namespace: "default",
    name,
    revisions: [{ name: `${name}-1`, percent, replicas: [{ name: "a", address: "/run/a" }] }],
  };
}

async function directory(test: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "slipway-feed-"));
  test.after(() => rm(made, { recursive: true }));
  return made;
}

async function publisher(test: TestContext, path: string, clock: Clock = systemClock): Promise<RoutePublisher> {
  const made = new RoutePublisher({ clock, log: silentLog });
  await made.listen(path);
  test.after(() => made.close());
  return made;
}

function subscriber(
  test: TestContext,
  path: string,
  clock: Clock = systemClock,
): { tables: RouteTable[]; feed: RouteSubscriber } {
  const tables: RouteTable[] = [];
  const feed = new RouteSubscriber({ connect: unixFeed(path), clock, log: silentLog, apply: (table) => tables.push(table) });
  test.after(() => feed.close());
  return { tables, feed };
}

/** A gateway by hand: says hello, and acknowledges only when told to. */
async function handGateway(test: TestContext, path: string, hello = '{"type":"hello","version":1,"gateway":"g"}\n') {
  const socket: Socket = connect(path);
  test.after(() => socket.destroy());
  let text = "";
  let ended = false;
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    ended = true;
  });
  socket.write(hello);
  return {
    generations: () =>
      text
        .split("\n")
        .filter((line) => line.includes('"routes"'))
        .map((line) => (JSON.parse(line) as { table: RouteTable }).table.generation),
    applied: (generation: number) => socket.write(`{"type":"applied","generation":${generation}}\n`),
    socket,
    ended: () => ended,
  };
}

describe("RoutePublisher and RouteSubscriber", () => {
  it("bring every table to every gateway, whole, and tell when all have it in force", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    const heard: number[] = [];
    control.onAcknowledged((generation) => heard.push(generation));
    control.begin();
    assert.equal(control.publish("default", "one", model("one")), 2);
    assert.equal(control.acknowledged(), 0, "gateways of the control before this one may come back");
    const first = subscriber(test, path);
    const second = subscriber(test, path);
    await until(
      "both follow",
      () => control.live === 2 && control.acknowledged() === 2 && first.tables.length + second.tables.length === 2,
    );
    assert.deepEqual(first.tables, [{ generation: 2, models: [model("one")] }]);
    const two = control.publish("default", "two", model("two"));
    assert.equal(control.acknowledged(), 2);
    await until("both have two", () => control.acknowledged() === two);
    assert.deepEqual(second.tables.at(-1), { generation: 3, models: [model("one"), model("two")] });
    assert.equal(control.publish("default", "two", model("two")), 3, "nothing changed");
    control.publish("default", "one", undefined);
    await until("both know", () => control.acknowledged() === 4);
    assert.deepEqual(first.tables.at(-1)!.models, [model("two")]);
    assert.equal(heard.at(-1), 4);
    assert.equal(first.feed.staleSince, undefined);
  });

  it("send a burst as one table, and the next only when a gateway has the one before in force", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    control.begin();
    const gateway = await handGateway(test, path);
    await until("the first table", () => gateway.generations().length === 1);
    for (let count = 0; count < 100; count++) control.publish("default", `m${count}`, model(`m${count}`));
    const quick = subscriber(test, path);
    await until("the quick one has all", () => quick.tables.at(-1)?.generation === 101);
    assert.ok(quick.tables.length <= 2);
    assert.deepEqual(gateway.generations(), [1]);
    assert.equal(control.acknowledged(), 0);
    gateway.applied(1);
    await until("the next table", () => gateway.generations().length === 2);
    assert.deepEqual(gateway.generations(), [1, 101]);
    gateway.applied(101);
    await until("both have it", () => control.acknowledged() === 101);
  });

  it("count a new gateway as behind until it acknowledges, and one that is gone not at all", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    control.begin();
    control.publish("default", "one", model("one"));
    const heard: number[] = [];
    control.onAcknowledged((generation) => heard.push(generation));
    const gateway = await handGateway(test, path);
    await until("it is behind", () => control.acknowledged() === 0);
    await until("it has a table", () => gateway.generations().length === 1);
    assert.equal(control.acknowledged(), 0);
    gateway.socket.destroy();
    await until("it is gone", () => control.live === 0);
    assert.equal(control.acknowledged(), 0, "it may come back");
    await until("nobody is waited for any more", () => control.acknowledged() === 2);
    assert.deepEqual(heard, [2]);
  });

  it("wait for gateways of the control before this one, but not for ever", async (test) => {
    const clock = new VirtualClock();
    const control = await publisher(test, join(await directory(test), "routes"), clock);
    control.begin();
    control.publish("default", "one", model("one"));
    await clock.advance(1_999);
    assert.equal(control.acknowledged(), 0);
    await clock.advance(1);
    assert.equal(control.acknowledged(), 2);
  });

  it("send nothing before begin(), and acknowledge nothing", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    const gateway = await handGateway(test, path);
    control.publish("default", "one", model("one"));
    await until("it is there", () => control.live === 1);
    assert.equal(control.acknowledged(), 0);
    assert.deepEqual(gateway.generations(), []);
    control.begin();
    await until("the table", () => gateway.generations().length === 1);
  });

  it("drop a gateway that stands still, so that nobody waits for it", async (test) => {
    const clock = new VirtualClock();
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path, clock);
    control.begin();
    const follows = subscriber(test, path);
    const stands = await handGateway(test, path);
    await until("both are there", () => control.live === 2 && follows.tables.length === 1);
    control.publish("default", "one", model("one"));
    for (let second = 0; second < 6 && control.live === 2; second++) {
      await clock.advance(1_000);
      await until("the one that follows has answered", () => follows.tables.at(-1)?.generation === 2);
      for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await until("it is dropped", () => stands.ended());
    await until("the other is enough", () => control.acknowledged() === 2);
    assert.equal(control.live, 1);
  });

  it("refuse other versions and nonsense, and keep the connection of no one who speaks it", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    control.begin();
    for (const line of [
      '{"type":"hello","version":9,"gateway":"g"}\n',
      "nonsense\n",
      "[]\n",
      `${"x".repeat(5_000)}`,
      '{"type":"hello"}\n',
    ]) {
      const gateway = await handGateway(test, path, line);
      await until(`refused: ${line.slice(0, 20)}`, () => gateway.ended());
    }
    const ahead = await handGateway(test, path);
    await until("it follows", () => control.live === 1);
    ahead.applied(7);
    await until("refused", () => ahead.ended());
    assert.equal(control.acknowledged(), 0);
  });

  it("replace a left-over socket file, but not one in use", async (test) => {
    const path = join(await directory(test), "routes");
    const control = await publisher(test, path);
    const second = new RoutePublisher({ clock: systemClock, log: silentLog });
    await assert.rejects(second.listen(path), { code: "conflict" });
    await control.close();
    await writeFile(path, "");
    await publisher(test, path);
  });
});

describe("a gateway whose control is away", () => {
  it("keeps the last good routes, says since when, and follows the next control once that has begun", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    const revisions = [{ name: "r", percent: 100, replicas: [replica.route] }];
    await platform.publish("digits", [{ name: "r", percent: 100, replicas: [replica] }]);
    assert.equal(platform.gateway.stats().staleSince, undefined);
    await platform.publisher.close();
    await until("it knows", () => platform.gateway.stats().staleSince !== undefined);
    assert.equal((await platform.call("/v2/models/digits/infer", { body: "x" })).text, "a:x");
    assert.equal((await platform.call("/v2/health/ready")).status, 200);
    const next = await publisher(test, join(platform.directory, "routes"));
    await until("it is connected again", () => next.live === 1);
    assert.equal((await platform.call("/v2/models/digits/infer", { body: "y" })).text, "a:y");
    next.publish("default", "digits", { namespace: "default", name: "digits", revisions });
    next.publish("default", "other", { namespace: "default", name: "other", revisions });
    next.begin();
    await until("it follows", () => next.acknowledged() === 3);
    assert.equal(platform.gateway.stats().staleSince, undefined);
    assert.equal((await platform.call("/v2/models/other/infer", { body: "z" })).text, "a:z");
    assert.equal(platform.gateway.stats().lostConnections, 0);
  });
});
