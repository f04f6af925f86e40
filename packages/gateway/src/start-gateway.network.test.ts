import assert from "node:assert/strict";
import { platform as system } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { createLog, type Log, SlipwayError, silentLog, systemClock } from "@slipway/base";
import { TlsIdentity } from "@slipway/http";
import { gatewayServerName, operatorServerName, replicaServerName } from "@slipway/protocol";
import { TestAuthority } from "@slipway/testkit";
import type { Endpoint, Endpoints } from "./endpoints/endpoints.ts";
import { tlsFeed, unixFeed } from "./feed/feed-connector.ts";
import { RoutePublisher } from "./feed/route-publisher.ts";
import { RouteSubscriber } from "./feed/route-subscriber.ts";
import { FakeReplica } from "./testing/fake-replica.ts";
import { Hole } from "./testing/hole.ts";
import { load } from "./testing/load.ts";
import { echo, startPlatform, until } from "./testing/start-platform.ts";
import { digitsReplica, testNetwork } from "./testing/test-network.ts";

const infer = "/v2/models/digits/infer";
const both = (...replicas: FakeReplica[]) => [{ name: "r", percent: 100, replicas }];

function recording(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(line), clock: systemClock }) };
}

/** A way to a replica that can swallow everything; routes lead through it. */
async function hole(test: TestContext, replica: FakeReplica): Promise<Hole> {
  const made = await new Hole(replica.address).start();
  test.after(() => made.end());
  replica.address = made.address;
  return made;
}

describe("replicas in a network", () => {
  it("answer over TLS", async (test) => {
    const platform = await startPlatform(test, {}, await testNetwork());
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", both(replica));
    assert.match(replica.address, /^tls:\/\/127\.0\.0\.1:/);
    assert.equal((await platform.call(infer, { body: "x" })).text, "a:x");
  });

  it("are used only as what their certificate says, and the log says why not", async (test) => {
    const network = await testNetwork();
    const { log, lines } = recording();
    const platform = await startPlatform(test, { log, hold: { ms: 50 } }, network);
    const other = await TestAuthority.create();
    for (const [name, reason, certificate] of [
      ["foreign", "of another authority", { ...(await other.issue(digitsReplica)), ca: network.authority.ca }],
      ["neighbour", "has another name", await network.authority.issue({ name: replicaServerName("default", "other") })],
      ["namesake", "has another name", await network.authority.issue({ name: replicaServerName("team", "digits") })],
      ["expired", "has expired", await network.authority.issue({ ...digitsReplica, from: -9_000, until: -1_000 })],
      ["client", "for another purpose", await network.authority.issue({ ...digitsReplica, usage: ["client"] })],
    ] as const) {
      const replica = await new FakeReplica(name, new TlsIdentity(certificate), echo).start();
      test.after(() => replica.kill());
      const revisions = [{ name: "r", percent: 100, replicas: [replica.route] }];
      platform.publisher.publish("default", "digits", { namespace: "default", name: "digits", revisions });
      const said = () => lines.filter((line) => line.includes(`"${name}"`) && line.includes(reason)).length;
      await until(`${name} is refused`, () => said() > 0);
      assert.equal((await platform.call(infer, { body: "x" })).status, 503);
      assert.equal(said(), 1, "said once, although it is tried again");
      assert.equal(replica.seen.length, 0);
    }
  });

  it("lose no request while the certificates of both sides are renewed", async (test) => {
    const network = await testNetwork();
    const platform = await startPlatform(test, {}, network);
    const [a, b] = [await platform.replica("a", echo), await platform.replica("b", echo)];
    await platform.publish("digits", both(a, b));
    const requests = load(platform, 8);
    for (let round = 0; round < 5; round += 1) {
      const before = requests.count;
      network.replicas.replace(await network.authority.issue(digitsReplica));
      network.gateway.replace(await network.authority.issue({ name: gatewayServerName }));
      await until("requests go on", () => requests.count > before + 50);
    }
    assert.equal(platform.gateway.stats().lostConnections, 0);
    // What connects from now on proves itself with the new ones.
    const seen = b.seen.length;
    await a.kill();
    await until("the other answers", () => b.seen.length > seen + 50);
    const { count, bad } = await requests.stop();
    assert.deepEqual(bad, []);
    assert.ok(count > 250);
  });

  it("lose no request when they drain under load, and greet who comes meanwhile with go-away", async (test) => {
    const platform = await startPlatform(test, {}, await testNetwork());
    const [a, b] = [await platform.replica("a", echo), await platform.replica("b", echo)];
    await platform.publish("digits", both(a, b));
    const requests = load(platform, 8);
    await until("both work", () => a.seen.length > 50 && b.seen.length > 50);
    await a.drain();
    const seen = a.seen.length;
    const before = requests.count;
    await until("the other takes over", () => requests.count > before + 100);
    assert.equal(a.seen.length, seen, "nothing more was begun");
    await a.kill();
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
    assert.equal(platform.gateway.stats().lostConnections, 0);
  });

  it("are ejected when they vanish without a word, and used again when they can be reached again", async (test) => {
    const platform = await startPlatform(test, { pingMs: 50 }, await testNetwork());
    const [a, b] = [await platform.replica("a", echo), await platform.replica("b", echo)];
    const way = await hole(test, a);
    await platform.publish("digits", both(a, b));
    const requests = load(platform, 8);
    await until("both work", () => a.seen.length > 50 && b.seen.length > 50);
    way.open();
    await until("it is ejected", () => platform.gateway.stats().ejected === 1);
    assert.ok(way.swallowed.bytes > 0, "something was swallowed");
    const { retried } = platform.gateway.stats();
    assert.ok(retried > 0, "what it had was sent elsewhere");
    await until("its connection is given up, and another is tried", () => way.swallowed.connections > 0);
    const seen = a.seen.length;
    way.close();
    await until("it works again", () => a.seen.length > seen + 50);
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
  });

  it("refuse what was meant for who had their address before, and the right one answers", async (test) => {
    const platform = await startPlatform(test, {}, await testNetwork());
    const moved = await platform.replica("moved", (request) => request.refuse(new SlipwayError("notFound", "another revision")));
    const right = await platform.replica("right", echo);
    await platform.publish("digits", both(moved, right));
    for (let count = 0; count < 20; count += 1) assert.equal((await platform.call(infer, { body: "x" })).text, "right:x");
    assert.ok(moved.seen.length > 0 && platform.gateway.stats().redirected === moved.seen.length);
  });

  it("cannot be reached without credentials, which the log says", async (test) => {
    const { log, lines } = recording();
    const platform = await startPlatform(test, { log, hold: { ms: 20 } });
    const revisions = [{ name: "r", percent: 100, replicas: [{ name: "a", address: "tls://127.0.0.1:1" }] }];
    platform.publisher.publish("default", "digits", { namespace: "default", name: "digits", revisions });
    await until("it says so", () => lines.some((line) => line.includes("no way to tls://127.0.0.1:1")));
    assert.equal((await platform.call(infer, { body: "x" })).status, 503);
  });
});

/** Linux answers at every address of 127/8. */
const oneLoopback = system() !== "linux" && "this system has one loopback address";

describe("the routes feed in a network", () => {
  it("finds the operator that leads among all addresses, and believes no one else", { skip: oneLoopback }, async (test) => {
    const network = await testNetwork();
    const { log, lines } = recording();
    const publish = async (credentials: TlsIdentity, listen: string) => {
      const publisher = new RoutePublisher({ clock: systemClock, log });
      test.after(() => publisher.close());
      publisher.begin();
      return { publisher, port: await publisher.listenTls({ host: listen, port: listened, credentials }) };
    };
    let listened = 0;
    const leader = await publish(network.operator, "127.0.0.3");
    listened = leader.port;
    // An address that only refuses, one with a model's certificate, and the leader.
    const impostor = await publish(network.replicas, "127.0.0.2");
    const addresses = ["127.0.0.1", "127.0.0.2"];
    const tables: number[] = [];
    const feed = new RouteSubscriber({
      connect: tlsFeed({
        host: "operator.test",
        port: leader.port,
        credentials: network.gateway,
        clock: systemClock,
        resolve: async () => addresses,
      }),
      clock: systemClock,
      log,
      apply: (table) => tables.push(table.generation),
    });
    test.after(() => feed.close());
    await until("it says whom it found", () =>
      lines.some((line) => line.includes("127.0.0.2: its certificate has another name")),
    );
    assert.equal(impostor.publisher.live, 0);
    addresses.push("127.0.0.3");
    await until("it follows the leader", () => tables.length === 1 && leader.publisher.live === 1);
  });

  it("is for gateways only", async (test) => {
    const network = await testNetwork();
    const { log, lines } = recording();
    const publisher = new RoutePublisher({ clock: systemClock, log });
    const port = await publisher.listenTls({ host: "127.0.0.1", port: 0, credentials: network.operator });
    publisher.begin();
    test.after(() => publisher.close());
    const follow = (credentials: TlsIdentity) => {
      const resolve = async () => ["127.0.0.1"];
      const connector = tlsFeed({ host: "operator.test", port, credentials, clock: systemClock, resolve });
      const feed = new RouteSubscriber({ connect: connector, clock: systemClock, log: silentLog, apply: () => {} });
      test.after(() => feed.close());
      return feed;
    };
    follow(network.replicas);
    await until("a model is refused", () => lines.some((line) => line.includes("for another purpose")));
    follow(new TlsIdentity(await network.authority.issue({ name: operatorServerName })));
    await until("another name is refused", () => lines.some((line) => line.includes("has not the name gateway.slipway")));
    assert.equal(publisher.live, 0);
    follow(network.gateway);
    await until("a gateway is not", () => publisher.live === 1);
  });

  it("tries the next address when one does not answer at all", async (test) => {
    const network = await testNetwork();
    const publisher = new RoutePublisher({ clock: systemClock, log: silentLog });
    const port = await publisher.listenTls({ host: "127.0.0.1", port: 0, credentials: network.operator });
    test.after(() => publisher.close());
    const silent = await new Hole("tls://127.0.0.1:1").start();
    test.after(() => silent.end());
    silent.open();
    // Both at one port: the silent one is reached by its own, the operator by the other.
    const connector = tlsFeed({
      host: "operator.test",
      port: Number(silent.address.split(":").at(-1)),
      credentials: network.gateway,
      clock: systemClock,
      resolve: async () => ["127.0.0.1"],
    });
    await assert.rejects(connector(), { code: "unavailable", message: /It does not answer/ });
    assert.equal(silent.swallowed.connections, 1);
    const found = await tlsFeed({
      host: "operator.test",
      port,
      credentials: network.gateway,
      clock: systemClock,
      resolve: async () => ["127.0.0.9", "127.0.0.1"],
    })();
    found.destroy();
  });

  it("says that a name has no address", async () => {
    const network = await testNetwork();
    const connector = tlsFeed({ host: "no.such.invalid", port: 1, credentials: network.gateway, clock: systemClock });
    await assert.rejects(connector(), { code: "unavailable", message: /no\.such\.invalid has no address/ });
    await assert.rejects(unixFeed("/nonexistent/routes")());
  });
});

describe("what a cluster says beside control", () => {
  /** Endpoints by hand. */
  function cluster() {
    const listeners = new Set<() => void>();
    let current: ReadonlyMap<string, readonly Endpoint[]> = new Map();
    const endpoints: Endpoints = {
      get current() {
        return current;
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    return {
      endpoints,
      say(...said: Endpoint[]) {
        current = new Map([["default/r", said]]);
        for (const listener of listeners) listener();
      },
    };
  }

  const at = ({ name, address }: FakeReplica, state: Partial<Endpoint> = {}): Endpoint => ({
    name,
    address,
    ready: true,
    terminating: false,
    ...state,
  });

  it("takes replicas out before control does, and adds them while control is away: 0 requests lost", async (test) => {
    const { endpoints, say } = cluster();
    const platform = await startPlatform(test, { endpoints }, await testNetwork());
    const [a, b, c] = [await platform.replica("a", echo), await platform.replica("b", echo), await platform.replica("c", echo)];
    await platform.publish("digits", both(a, b));
    const names = () =>
      platform.gateway
        .stats()
        .replicas.filter(({ ready }) => ready)
        .map(({ name }) => name)
        .sort()
        .join("");
    const requests = load(platform, 8);
    await until("both are used", () => names() === "ab" && a.seen.length > 20 && b.seen.length > 20);
    say(at(a, { terminating: true }), at(b), at(c));
    await until("one is out, and none in", () => names() === "b");
    await platform.publisher.close();
    await until("control is away", () => names() === "bc" && c.seen.length > 20);
    say(at(b, { ready: false, terminating: true }), at(c));
    await until("the old one is out", () => names() === "c");
    await b.kill();
    const { bad } = await requests.stop();
    assert.deepEqual(bad, []);
  });

  it("costs nothing when it is behind", async (test) => {
    const { endpoints, say } = cluster();
    const platform = await startPlatform(test, { endpoints }, await testNetwork());
    say();
    const a = await platform.replica("a", echo);
    await platform.publish("digits", both(a));
    assert.equal((await platform.call(infer, { body: "x" })).text, "a:x");
  });
});

it("a port that speaks no TLS is no operator", async (test) => {
  const platform = await startPlatform(test);
  const network = await testNetwork();
  const { port } = platform.gateway.address;
  const resolve = async () => ["127.0.0.1"];
  const connector = tlsFeed({ host: "operator.test", port, credentials: network.gateway, clock: systemClock, resolve });
  await assert.rejects(connector(), { code: "unavailable", message: /does not speak TLS 1\.3/ });
});
