import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import type { FrameRequest } from "@slipway/protocol";
import type { FakeReplica } from "../testing/fake-replica.ts";
import { load } from "../testing/load.ts";
import { echo, type Platform, startPlatform, until } from "../testing/start-platform.ts";

const infer = "/v2/models/digits/infer";

/** Everything one raw HTTP exchange brought until the connection ended or the text satisfied `enough`. */
function rawInfer(platform: Platform, enough: (text: string) => boolean, rest = "Content-Length: 1\r\n\r\nx"): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = platform.gateway.address;
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const finish = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on("error", reject).on("close", finish);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (enough(text)) finish();
    });
    socket.write(`POST ${infer} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}`);
  });
}

const both = (...replicas: FakeReplica[]) => [{ name: "r", percent: 100, replicas }];

describe("faults of replicas", () => {
  it("loses no request when a replica is killed under load and comes back", async (test) => {
    const platform = await startPlatform(test);
    const handler = (request: FrameRequest, replica: FakeReplica) => void setImmediate(() => echo(request, replica));
    const doomed = await platform.replica("doomed", handler);
    const other = await platform.replica("other", handler);
    await platform.publish("digits", both(doomed, other));
    const traffic = load(platform, 8);
    await until("traffic flows", () => doomed.seen.length > 50);
    await doomed.kill();
    await until("the gateway noticed", () => platform.gateway.stats().lostConnections > 0);
    const before = traffic.count;
    await until("traffic goes on", () => traffic.count > before + 50);
    const seen = doomed.seen.length;
    await doomed.start();
    await until("it is back in rotation", () => doomed.seen.length > seen + 20);
    const { bad } = await traffic.stop();
    assert.deepEqual(bad, []);
    assert.equal(platform.gateway.stats().inflight, 0);
  });

  it("sends a request that its replica died over to another, once", async (test) => {
    const platform = await startPlatform(test);
    const dies = (_request: FrameRequest, replica: FakeReplica) => void replica.kill();
    const first = await platform.replica("a", dies);
    const second = await platform.replica("b", dies);
    const third = await platform.replica("c", dies);
    await platform.publish("digits", both(first, second, third));
    const got = await platform.call(infer, { body: "poison" });
    assert.equal(got.status, 503);
    assert.equal(got.headers["retry-after"], "1");
    assert.equal(first.seen.length + second.seen.length + third.seen.length, 2);
    assert.equal(platform.gateway.stats().retried, 1);
  });

  it("forgets the head of an answer whose connection broke before it went to the client", async (test) => {
    const platform = await startPlatform(test);
    let deaths = 0;
    const handler = (request: FrameRequest, replica: FakeReplica) => {
      if (deaths++ > 0) {
        echo(request, replica);
        return;
      }
      const never = (async function* () {
        yield await new Promise<Buffer>(() => {});
      })();
      request.respond({ status: 418, headers: { "content-length": "5" } }, never);
      // After the head was written, in the same turn: the gateway reads both at once.
      setImmediate(() => replica.babble());
    };
    await platform.publish("digits", both(await platform.replica("a", handler), await platform.replica("b", handler)));
    const text = await rawInfer(platform, (sofar) => sofar.endsWith(":x"));
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
    assert.equal(platform.gateway.stats().retried, 1);
  });

  it("waits for the only replica to come back, and asks it again", async (test) => {
    const platform = await startPlatform(test);
    let deaths = 0;
    const only = await platform.replica("a", (request, replica) => {
      if (deaths++ > 0) echo(request, replica);
      else void replica.kill();
    });
    await platform.publish("digits", both(only));
    const answer = platform.call(infer, { body: "x" });
    await until("the request waits", () => platform.gateway.stats().waiting === 1);
    await only.start();
    assert.equal((await answer).text, "a:x");
  });

  it("breaks an answer off when its replica dies after the first byte, and never sends a second", async (test) => {
    const platform = await startPlatform(test);
    const begin = (request: FrameRequest) =>
      request.respond(
        { status: 200, headers: {} },
        (async function* () {
          yield Buffer.from("first part");
          await new Promise(() => {});
        })(),
      );
    const first = await platform.replica("a", begin);
    const second = await platform.replica("b", begin);
    await platform.publish("digits", both(first, second));
    const text = await rawInfer(platform, (sofar) => {
      if (sofar.includes("first part")) for (const replica of [first, second]) if (replica.seen.length > 0) void replica.kill();
      return false;
    });
    assert.equal(text.match(/HTTP\/1\.1/g)?.length, 1);
    assert.ok(!text.includes("\r\n0\r\n\r\n"), "the answer must not look complete");
    assert.equal(first.seen.length + second.seen.length, 1);
    assert.equal(platform.gateway.stats().brokenOff, 1);
    assert.equal(platform.gateway.stats().retried, 0);
  });

  it("breaks an answer off that is not as long as the replica said", async (test) => {
    const platform = await startPlatform(test);
    for (const said of ["5", "100"]) {
      const replica = await platform.replica(`a${said}`, (request) => {
        request.respond(
          { status: 200, headers: { "content-length": said } },
          (async function* () {
            yield Buffer.from("0123456789");
            await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
            yield Buffer.from("0123456789");
          })(),
        );
      });
      await platform.publish("digits", both(replica));
      await assert.rejects(platform.call(infer, { body: "x" }), /aborted|hang up|ECONNRESET/);
    }
    assert.equal(platform.gateway.stats().brokenOff, 2);
  });

  it("takes a replica that stands still out of rotation, moves its requests, drops its late answers, and takes it back", async (test) => {
    const platform = await startPlatform(test, { pingMs: 20 });
    const stands = await platform.replica("stands", echo);
    const other = await platform.replica("other", echo);
    await platform.publish("digits", both(stands));
    stands.stall();
    const answers = Array.from({ length: 5 }, (_, id) => platform.call(infer, { body: `${id}` }));
    await until("it is ejected", () => platform.gateway.stats().ejected === 1);
    assert.equal(stands.seen.length, 0);
    // With nowhere to go the requests stay where they are, until there is somewhere.
    assert.equal(platform.gateway.stats().retried, 0);
    const traffic = load(platform, 2);
    await until("new requests wait", () => platform.gateway.stats().waiting === 2);
    const route = { name: "r", percent: 100, replicas: [stands.route, other.route] };
    platform.publisher.publish("default", "digits", { namespace: "default", name: "digits", revisions: [route] });
    assert.deepEqual(
      (await Promise.all(answers)).map((got) => got.text),
      ["0", "1", "2", "3", "4"].map((id) => `other:${id}`),
    );
    assert.equal(platform.gateway.stats().retried, 5);
    stands.resume();
    await until("it is readmitted", () => platform.gateway.stats().readmitted === 1);
    // It finds requests whose cancellation is behind them on the wire: what it answers then goes nowhere.
    await until("it serves again", () => stands.seen.length > 20);
    assert.deepEqual((await traffic.stop()).bad, []);
  });

  it("leaves a request alone whose only replica stands still for a while", async (test) => {
    const platform = await startPlatform(test, { pingMs: 20 });
    const only = await platform.replica("a", echo);
    await platform.publish("digits", both(only));
    only.stall();
    const answer = platform.call(infer, { body: "x" });
    await until("it is ejected", () => platform.gateway.stats().ejected === 1);
    only.resume();
    assert.equal((await answer).text, "a:x");
    assert.equal(only.seen.length, 1);
    assert.equal(platform.gateway.stats().retried, 0);
  });

  it("does not send a body again that it has passed on without keeping it", async (test) => {
    const platform = await startPlatform(test);
    const dies = (_request: FrameRequest, replica: FakeReplica) => void replica.kill();
    const first = await platform.replica("a", dies);
    const second = await platform.replica("b", dies);
    await platform.publish("digits", both(first, second));
    const got = await platform.call(infer, { body: Buffer.alloc(2 * 1024 * 1024) });
    assert.equal(got.status, 503);
    assert.equal(first.seen.length + second.seen.length, 1);
    assert.equal(platform.gateway.stats().retried, 0);
  });

  it("passes a replica's own error on as its answer", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", (request) => {
      request.fail(new SlipwayError("badRequest", "The input x has the wrong shape.", { hint: "Send [1, 64]." }));
    });
    await platform.publish("digits", both(replica));
    const got = await platform.call(infer, { body: "x" });
    assert.equal(got.status, 400);
    assert.deepEqual(JSON.parse(got.text), { error: "The input x has the wrong shape.", hint: "Send [1, 64]." });
    assert.equal(replica.seen.length, 1);
  });
});

describe("draining", () => {
  it("loses no request when replicas say go-away under load, one after the other, with others taking over", async (test) => {
    const platform = await startPlatform(test);
    const handler = (request: FrameRequest, replica: FakeReplica) => void setImmediate(() => echo(request, replica));
    const first = await platform.replica("first", handler);
    const second = await platform.replica("second", handler);
    await platform.publish("digits", both(first, second));
    const traffic = load(platform, 8);
    await until("traffic flows", () => first.seen.length > 50);
    // Without the table's knowledge, as Kubernetes stops pods.
    await first.drain();
    const before = second.seen.length;
    await until("traffic goes on", () => second.seen.length > before + 50);
    const third = await platform.replica("third", handler);
    await platform.publish("digits", both(third));
    const last = second.seen.length;
    await second.drain();
    await until("traffic goes on", () => third.seen.length > 50);
    const { bad } = await traffic.stop();
    assert.deepEqual(bad, []);
    assert.equal(second.seen.length, last, "a replica that is out of the acknowledged table gets no request");
  });

  it("connects again to a replica that went away and came back at the same address", async (test) => {
    const platform = await startPlatform(test);
    const only = await platform.replica("a", echo);
    await platform.publish("digits", both(only));
    await only.drain();
    const answer = platform.call(infer, { body: "x" });
    await until("the request waits", () => platform.gateway.stats().waiting === 1);
    await only.start();
    assert.equal((await answer).text, "a:x");
    assert.equal(platform.gateway.stats().retried, 0);
  });

  it("lets a replica that left the table finish what it has, then closes the connection", async (test) => {
    const platform = await startPlatform(test);
    const old = await platform.replica("old", () => {});
    await platform.publish("digits", both(old));
    const answer = platform.call(infer, { body: "x" });
    await until("the request is there", () => old.seen.length === 1);
    const fresh = await platform.replica("fresh", echo);
    await platform.publish("digits", both(fresh));
    assert.equal((await platform.call(infer, { body: "y" })).text, "fresh:y");
    old.seen[0]!.respond({ status: 200, headers: {} }, Buffer.from("late"));
    assert.equal((await answer).text, "late");
    await until("the connection is closed", () => old.connected === 0);
    assert.equal(platform.gateway.stats().retried, 0);
  });
});

describe("holding", () => {
  it("holds requests while no replica is ready and releases them when one is", async (test) => {
    const platform = await startPlatform(test);
    await platform.publish("digits", []);
    const answers = Array.from({ length: 20 }, (_, id) => platform.call(infer, { body: `${id}` }));
    await until("all wait", () => platform.gateway.stats().waiting === 20);
    assert.equal((await platform.call("/v2/models/digits/ready")).status, 503);
    await platform.publish("digits", both(await platform.replica("a", echo)));
    assert.deepEqual(
      (await Promise.all(answers)).map((got) => got.text),
      answers.map((_, id) => `a:${id}`),
    );
    assert.equal(platform.gateway.stats().held, 20);
    assert.equal(platform.gateway.stats().keptBytes, 0);
  });

  it("refuses above the bound with Retry-After, gives up after the time allowed, and tells those whose model is gone", async (test) => {
    const platform = await startPlatform(test, { hold: { perModel: 2, ms: 150 } });
    await platform.publish("digits", []);
    await platform.publish("other", []);
    const gone = platform.call("/v2/models/other/infer", { body: "x" });
    const waiting = [platform.call(infer, { body: "x" }), platform.call(infer, { body: "x" })];
    await until("they wait", () => platform.gateway.stats().waiting === 3);
    const refused = await platform.call(infer, { body: "x" });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers["retry-after"], "1");
    assert.equal(platform.gateway.stats().overflowed, 1);
    platform.publisher.publish("default", "other", undefined);
    assert.equal((await gone).status, 404);
    for (const got of await Promise.all(waiting)) {
      assert.equal(got.status, 503);
      assert.equal(got.headers["retry-after"], "1");
    }
    assert.equal(platform.gateway.stats().inflight, 0);
  });
});

describe("deadlines and clients that leave", () => {
  it("answers 504 at the deadline and tells the replica, whether the request waits or is at work", async (test) => {
    const platform = await startPlatform(test);
    const silent = await platform.replica("a", () => {});
    await platform.publish("digits", both(silent));
    await platform.publish("none", []);
    const headers = { "request-timeout": "0.2" };
    const [working, waiting] = await Promise.all([
      platform.call(infer, { body: "x", headers }),
      platform.call("/v2/models/none/infer", { body: "x", headers }),
    ]);
    assert.equal(working.status, 504);
    assert.equal(waiting.status, 504);
    await until("the replica knows", () => silent.seen[0]!.cancelled);
    assert.ok(silent.seen[0]!.head.deadline > 0 && silent.seen[0]!.head.deadline <= 200);
    assert.equal(platform.gateway.stats().timedOut, 2);
  });

  it("answers 408 at the deadline when the body is not there by then, and bothers no replica", async (test) => {
    const platform = await startPlatform(test);
    const replica = await platform.replica("a", echo);
    await platform.publish("digits", both(replica));
    const text = await rawInfer(platform, () => false, "Request-Timeout: 0.1\r\nContent-Length: 2\r\n\r\nx");
    assert.match(text, /^HTTP\/1\.1 408 /);
    assert.equal(replica.seen.length, 0);
    assert.equal(platform.gateway.stats().inflight, 0);
    assert.equal(platform.gateway.stats().keptBytes, 0);
  });

  it("cancels at the replica what a client does not wait for", async (test) => {
    const platform = await startPlatform(test);
    const silent = await platform.replica("a", () => {});
    await platform.publish("digits", both(silent));
    await platform.publish("none", []);
    const leaving = new AbortController();
    const calls = [infer, "/v2/models/none/infer"].map((path) => platform.call(path, { body: "x", signal: leaving.signal }));
    await until("one works and one waits", () => silent.seen.length === 1 && platform.gateway.stats().waiting === 1);
    const { signal } = silent.seen[0]!;
    leaving.abort();
    for (const call of calls) await assert.rejects(call, { name: "AbortError" });
    await until("the replica knows", () => signal.aborted);
    await until("nothing is left", () => platform.gateway.stats().inflight === 0);
    assert.equal(platform.gateway.stats().waiting, 0);
    assert.equal(platform.gateway.stats().cancelled, 2);
  });
});
