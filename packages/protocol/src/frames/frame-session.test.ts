import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import fc from "fast-check";
import type { FrameError } from "./frame-error.ts";
import type { FrameRequestHead } from "./frame-heads.ts";
import { defaultFrameLimits } from "./frame-options.ts";
import type { FrameRequest } from "./frame-request.ts";
import { serveFrames } from "./serve-frames.ts";
import { ask, chunksOf, connect, echo, head, ok, pattern, socketPair, until } from "./testing/frame-pair.ts";

/** Uneven parts, some of them empty. */
function pieces(body: Buffer): Buffer[] {
  const third = Math.floor(body.length / 3);
  return [body.subarray(0, 0), body.subarray(0, 1), body.subarray(1, third + 1), body.subarray(third + 1), body.subarray(0, 0)];
}

describe("FrameClient and serveFrames", () => {
  it("answers each of many requests at once with its own bytes, whole or in chunks, small or over every window", async (test) => {
    const limits = { streamWindow: 16 * 1024, connectionWindow: 64 * 1024, streams: 1000 };
    const { client, server } = await connect(test, echo, { limits });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(fc.nat(300), fc.nat(200_000)), fc.constantFrom("whole", "chunks", "list")), { maxLength: 30 }),
        async (requests) => {
          const bodies = requests.map(([length], index) => pattern(length, index));
          const sources = { whole: (body: Buffer) => body, chunks: (body: Buffer) => chunksOf(body, 10_000), list: pieces };
          const answers = await Promise.all(bodies.map((body, index) => ask(client, sources[requests[index]![1]](body))));
          for (const [index, answer] of answers.entries()) assert.ok(answer.body.equals(bodies[index]!));
        },
      ),
      { numRuns: 15 },
    );
    assert.equal(client.inflight, 0);
    assert.equal(server.inflight, 0);
  });

  it("carries the head and headers both ways", async (test) => {
    const seen: FrameRequestHead[] = [];
    const { client } = await connect(test, (request) => {
      seen.push(request.head);
      request.respond({ status: 404, headers: { "content-type": "application/json", "x-own": "é" } });
    });
    const sent = { ...head, deadline: 1500, headers: { "content-type": "application/json", traceparent: "00-1-1-00" } };
    const answered = await new Promise((resolve, reject) => {
      client.request(sent, undefined, { head: resolve, data: () => {}, end: () => {}, error: reject });
    });
    assert.deepEqual(seen, [sent]);
    assert.deepEqual(answered, { status: 404, headers: { "content-type": "application/json", "x-own": "é" } });
  });

  it("lets a reader that pauses hold back its own answer only, and at most a window of it", async (test) => {
    const big = pattern(8 * 1024 * 1024, 1);
    let produced = 0;
    const { client } = await connect(test, (request) => {
      if (request.head.path !== "big") echo(request);
      else
        request.respond(
          ok,
          chunksOf(big, 50_000, (count) => (produced = count)),
        );
    });
    const received: Buffer[] = [];
    let ended = false;
    const call = client.request({ ...head, path: "big" }, undefined, {
      head: () => call.pause(),
      data: (chunk) => received.push(chunk),
      end: () => {
        ended = true;
      },
      error: assert.fail,
    });
    await until("the window is full", () => Buffer.concat(received).length >= defaultFrameLimits.streamWindow);
    for (let count = 0; count < 50; count++) assert.equal((await ask(client, Buffer.from("quick"))).body.toString(), "quick");
    assert.equal(Buffer.concat(received).length, defaultFrameLimits.streamWindow);
    assert.ok(produced <= defaultFrameLimits.streamWindow + 2 * 50_000, `${produced} bytes were produced`);
    call.resume();
    await until("the answer is whole", () => ended);
    assert.ok(Buffer.concat(received).equals(big));
  });

  it("pulls a request body only as fast as the replica reads it", async (test) => {
    const big = pattern(4 * 1024 * 1024, 2);
    let pulled = 0;
    const waiting: FrameRequest[] = [];
    const { client } = await connect(test, (request) => (request.head.path === "wait" ? waiting.push(request) : echo(request)));
    const answer = ask(
      client,
      chunksOf(big, 50_000, (count) => (pulled = count)),
      { path: "wait" },
    );
    await until("the request is there", () => waiting.length === 1);
    for (let count = 0; count < 50; count++) await ask(client, Buffer.from("quick"));
    assert.ok(pulled <= defaultFrameLimits.streamWindow + 2 * 50_000, `${pulled} bytes were pulled`);
    const request = waiting[0]!;
    request.respond(ok, request.body);
    assert.ok((await answer).body.equals(big));
  });

  it("refuses a body above the handler's limit without holding it", async (test) => {
    const { client } = await connect(test, (request) => void request.body.whole(1000).catch((error) => request.fail(error)));
    await assert.rejects(ask(client, pattern(100_000, 0)), { code: "tooLarge", answered: true });
    assert.equal(client.inflight, 0);
  });

  it("frees a cancelled request at the replica and never answers it", async (test) => {
    const seen: FrameRequest[] = [];
    const { client, server } = await connect(test, (request) =>
      request.head.path === "wait" ? seen.push(request) : echo(request),
    );
    const heard: unknown[] = [];
    const hear = (event: unknown) => heard.push(event);
    const call = client.request({ ...head, path: "wait" }, Buffer.from("x"), {
      head: hear,
      data: hear,
      end: () => hear("end"),
      error: hear,
    });
    await until("the request is there", () => seen.length === 1);
    const { signal } = seen[0]!;
    call.cancel();
    await until("the replica knows", () => signal.aborted);
    assert.equal((signal.reason as SlipwayError).code, "cancelled");
    assert.equal(seen[0]!.cancelled, true);
    assert.equal(server.inflight, 0);
    seen[0]!.respond(ok, Buffer.from("late"));
    await ask(client);
    assert.deepEqual(heard, []);
  });

  it("loses no credit and no stream over requests that are cancelled, refused or answered before they were read", async (test) => {
    const limits = { streamWindow: 16 * 1024, connectionWindow: 48 * 1024, streams: 64 };
    const { client, server } = await connect(
      test,
      (request) => {
        if (request.head.path === "echo") echo(request);
        else if (request.head.path === "stream") request.respond(ok, request.body);
        else if (request.head.path === "early") request.respond(ok, pattern(5_000, 1));
        else if (request.head.path === "fail") request.fail(new SlipwayError("invalid", "no"));
        else if (request.head.path === "limit") request.body.whole(10).catch((error) => request.fail(error));
      },
      { limits },
    );
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    };
    const one = fc.record({
      path: fc.constantFrom("echo", "stream", "early", "fail", "limit", "ignore"),
      size: fc.nat(120_000),
      chunked: fc.boolean(),
      pausedFor: fc.nat(4),
      resumes: fc.boolean(),
      cancelAfter: fc.nat(12),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 20 }), async (requests) => {
        await Promise.all(
          requests.map(async ({ path, size, chunked, pausedFor, resumes, cancelAfter }) => {
            const body = pattern(size, 5);
            const silent = { head: () => {}, data: () => {}, end: () => {}, error: () => {} };
            const call = client.request({ ...head, path }, chunked ? chunksOf(body, 7_000) : body, silent);
            call.pause();
            await turns(pausedFor);
            if (resumes) call.resume();
            await turns(cancelAfter);
            call.cancel();
          }),
        );
        const whole = pattern(300_000, 9);
        assert.ok((await ask(client, whole, { path: "echo" })).body.equals(whole));
        assert.equal(client.inflight, 0);
        assert.equal(server.inflight, 0);
      }),
      { numRuns: 20 },
    );
  });

  it("tells the handler when the deadline passes, also without the gateway", async (test) => {
    const clock = new VirtualClock();
    const seen: FrameRequest[] = [];
    const { client, server } = await connect(test, (request) => seen.push(request), { clock });
    const answer = assert.rejects(ask(client, undefined, { deadline: 500 }), { code: "timeout" });
    const other = assert.rejects(ask(client, undefined, { deadline: 500 }), { code: "timeout" });
    await until("the requests are there", () => seen.length === 2);
    const { signal } = seen[0]!;
    await clock.advance(499);
    assert.equal(signal.aborted, false);
    assert.equal(seen[1]!.cancelled, false);
    await clock.advance(1);
    assert.equal(signal.aborted, true);
    // The second request has no timer: it is noticed by whoever looks.
    assert.equal(seen[1]!.cancelled, true);
    assert.equal(server.inflight, 0);
    await Promise.all([answer, other]);
  });

  it("finishes what was accepted before going away, refuses the rest as not begun, and ends the connection", async (test) => {
    const seen: FrameRequest[] = [];
    const { client, server } = await connect(test, (request) => seen.push(request));
    const accepted = ask(client);
    await until("the request is there", () => seen.length === 1);
    const drained = server.drained();
    const crossed = ask(client);
    await assert.rejects(crossed, { accepted: false });
    assert.equal(client.goingAway, true);
    await assert.rejects(ask(client), { accepted: false });
    assert.equal(client.inflight, 1);
    seen[0]!.respond(ok, pattern(500_000, 3));
    assert.equal((await accepted).body.length, 500_000);
    await drained;
    await client.closed;
    assert.equal(seen.length, 1);
  });

  it("ends an idle connection when going away even if the gateway never does", async (test) => {
    const clock = new VirtualClock();
    const sockets = await socketPair(test);
    const server = serveFrames(sockets.far, echo, { clock });
    let ended = false;
    void server.drained().then(() => {
      ended = true;
    });
    await clock.advance(999);
    assert.equal(ended, false);
    await clock.advance(1);
    await until("the connection ended", () => ended);
  });

  it("says of lost requests whether they may have begun", async (test) => {
    const seen: FrameRequest[] = [];
    const { client, far, near } = await connect(test, (request) => seen.push(request));
    const begun = assert.rejects(ask(client), { code: "unavailable", accepted: true, answered: false });
    await until("the request is there", () => seen.length === 1);
    far.destroy();
    await begun;
    assert.ok(seen[0]!.cancelled || far.destroyed);
    await client.closed;
    await assert.rejects(ask(client), { accepted: false });

    const second = await connect(test, () => {});
    const unsent = assert.rejects(ask(second.client), { accepted: false });
    second.near.destroy(new Error("cut"));
    second.client.destroy();
    await unsent;
    near.destroy();
  });

  it("cancels what the replica works on when the gateway dies", async (test) => {
    const seen: FrameRequest[] = [];
    const { client, server, near } = await connect(test, (request) => seen.push(request));
    ask(client).catch(() => {});
    await until("the request is there", () => seen.length === 1);
    const { signal } = seen[0]!;
    near.destroy();
    await until("the replica knows", () => signal.aborted);
    await server.closed;
    await assert.rejects(seen[0]!.body.whole(1), { code: "cancelled" });
  });

  it("refuses requests above the number a connection may have, as not begun", async (test) => {
    const seen: FrameRequest[] = [];
    const { client } = await connect(test, (request) => seen.push(request), { limits: { streams: 2 } });
    const first = ask(client);
    const second = ask(client);
    assert.equal(client.available, false);
    await assert.rejects(ask(client), { accepted: false });
    await until("both are there", () => seen.length === 2);
    for (const request of seen) request.respond(ok);
    await Promise.all([first, second]);
    assert.equal(client.available, true);
  });

  it("ends an answer whose body fails after its head with an error, and an answered request whose handler throws", async (test) => {
    const { client } = await connect(test, (request) => {
      if (request.head.path === "throw") throw new SlipwayError("invalid", "No such tensor.", { hint: "Send one." });
      request.respond(
        ok,
        (async function* () {
          yield Buffer.from("part");
          throw new Error("secret");
        })(),
      );
    });
    const failure = await ask(client).catch((error: FrameError) => error);
    assert.ok(failure instanceof SlipwayError && failure.code === "internal" && !failure.message.includes("secret"));
    await assert.rejects(ask(client, undefined, { path: "throw" }), {
      code: "invalid",
      message: "No such tensor.",
      hint: "Send one.",
      answered: true,
    });
    assert.equal(client.inflight, 0);
  });

  it("keeps the connection when a listener throws", async (test) => {
    const { client } = await connect(test, echo);
    const error = await new Promise<FrameError>((resolve) => {
      client.request(head, Buffer.from("x"), {
        head: () => {
          throw new Error("bug");
        },
        data: () => assert.fail(),
        end: () => assert.fail(),
        error: resolve,
      });
    });
    assert.equal(error.code, "internal");
    assert.equal((await ask(client, Buffer.from("next"))).body.toString(), "next");
  });

  it("answers pings unless the replica's process stands still", async (test) => {
    const { client, far } = await connect(test, echo);
    let pongs = 0;
    client.ping(() => pongs++);
    await until("a pong", () => pongs === 1);
    far.pause();
    client.ping(() => pongs++);
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.equal(pongs, 1);
    far.resume();
    await until("the late pong", () => pongs === 2);
  });
});
