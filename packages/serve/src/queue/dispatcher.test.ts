import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { InferRequest } from "@slipway/protocol";
import type { InferReply, ModelRunner } from "../runners/model-runner.ts";
import { type Caller, Dispatcher } from "./dispatcher.ts";

const patient: Caller = { cancelled: false, deadlineAt: undefined };

function request(id: string, floats = 1): InferRequest {
  return { id, inputs: [{ name: "x", datatype: "FP32", shape: [floats], data: new Float32Array(floats) }] };
}

/** A model in memory: each run ends when the test says so, and takes `ms` by its own account. */
class ManualRunner implements Pick<ModelRunner, "predict"> {
  readonly groups: string[][] = [];
  ms = 1;
  private release: ((outcome: "done" | Error) => void) | undefined;

  async *predict(batch: readonly InferRequest[], signal: AbortSignal): AsyncGenerator<InferReply, void, undefined> {
    signal.throwIfAborted();
    this.groups.push(batch.map((one) => one.id ?? ""));
    const outcome = await new Promise<"done" | Error>((resolve) => {
      this.release = resolve;
    });
    if (outcome !== "done") throw outcome;
    for (let index = 0; index < batch.length; index += 1)
      yield { index, ms: this.ms, outputs: [{ ...batch[index]!.inputs[0]!, name: batch[index]!.id! }] };
  }

  /** Ends the run in progress and lets what follows from it happen. */
  async finish(outcome: "done" | Error = "done"): Promise<void> {
    this.release?.(outcome);
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function start(capacity = 256) {
  const runner = new ManualRunner();
  const clock = new VirtualClock();
  return { runner, clock, dispatcher: new Dispatcher({ runner, capacity, clock }) };
}

/** How a promise ended, as text. */
async function outcome(promise: Promise<readonly { readonly name: string }[]>): Promise<string> {
  return promise.then(
    (outputs) => outputs[0]!.name,
    (error) => (error instanceof SlipwayError ? error.code : String(error)),
  );
}

describe("a dispatcher", () => {
  it("starts at once when the model is free, and the next on completion", async () => {
    const { runner, dispatcher } = start();
    const answers = ["a", "b", "c"].map((id) => outcome(dispatcher.submit(request(id), patient)));
    assert.deepEqual(runner.groups, [["a"]]);
    assert.equal(dispatcher.inflight, 3);
    await runner.finish();
    assert.deepEqual(runner.groups, [["a"], ["b"]]);
    await runner.finish();
    await runner.finish();
    assert.deepEqual(await Promise.all(answers), ["a", "b", "c"]);
    assert.equal(dispatcher.inflight, 0);
  });

  it("hands over a millisecond's worth of fast requests together", async () => {
    const { runner, dispatcher } = start();
    runner.ms = 0.3;
    const answers = Array.from({ length: 6 }, (_, index) => outcome(dispatcher.submit(request(`${index}`), patient)));
    await runner.finish();
    await runner.finish();
    await runner.finish();
    assert.deepEqual(runner.groups, [["0"], ["1", "2", "3"], ["4", "5"]]);
    assert.deepEqual(await Promise.all(answers), ["0", "1", "2", "3", "4", "5"]);
  });

  it("hands over at most a mebibyte together", async () => {
    const { runner, dispatcher } = start();
    runner.ms = 0.01;
    const answers = ["a", "b", "c", "d"].map((id) => outcome(dispatcher.submit(request(id, 150_000), patient)));
    for (let run = 0; run < 3; run += 1) await runner.finish();
    assert.deepEqual(runner.groups, [["a"], ["b", "c"], ["d"]]);
    await Promise.all(answers);
  });

  it("does not run a request that was cancelled or whose deadline passed while it waited", async () => {
    const { runner, dispatcher, clock } = start();
    const caller = { cancelled: false, deadlineAt: undefined };
    const answers = [
      outcome(dispatcher.submit(request("first"), patient)),
      outcome(dispatcher.submit(request("left"), caller)),
      outcome(dispatcher.submit(request("late"), { cancelled: false, deadlineAt: clock.monotonic() + 10 })),
      outcome(dispatcher.submit(request("in time"), { cancelled: false, deadlineAt: clock.monotonic() + 11 })),
    ];
    caller.cancelled = true;
    await clock.advance(10);
    await runner.finish();
    await runner.finish();
    assert.deepEqual(await Promise.all(answers), ["first", "cancelled", "timeout", "in time"]);
    assert.deepEqual(runner.groups, [["first"], ["in time"]]);
  });

  it("refuses beyond its capacity and says when to try again", async () => {
    const { runner, dispatcher } = start(2);
    runner.ms = 1500;
    const answers = ["a", "b"].map((id) => outcome(dispatcher.submit(request(id), patient)));
    await runner.finish();
    answers.push(...["c", "d"].map((id) => outcome(dispatcher.submit(request(id), patient))));
    await assert.rejects(dispatcher.submit(request("e"), patient), { code: "overloaded", retryAfter: 5 });
    for (let run = 0; run < 3; run += 1) await runner.finish();
    assert.deepEqual(await Promise.all(answers), ["a", "b", "c", "d"]);
  });

  it("makes room for newcomers by dropping those whose callers have left", async () => {
    const { runner, dispatcher } = start(1);
    const caller = { cancelled: false, deadlineAt: undefined };
    const answers = [outcome(dispatcher.submit(request("a"), patient)), outcome(dispatcher.submit(request("left"), caller))];
    caller.cancelled = true;
    answers.push(outcome(dispatcher.submit(request("b"), patient)));
    await runner.finish();
    await runner.finish();
    assert.deepEqual(await Promise.all(answers), ["a", "cancelled", "b"]);
  });

  it("fails the requests of a run that throws, and goes on", async () => {
    const { runner, dispatcher } = start();
    const answers = ["a", "b"].map((id) => outcome(dispatcher.submit(request(id), patient)));
    await runner.finish(new Error("broken"));
    await runner.finish();
    assert.deepEqual(await Promise.all(answers), ["internal", "b"]);
  });

  it("is idle when everything is answered", async () => {
    const { runner, dispatcher } = start();
    await dispatcher.idle();
    const answer = outcome(dispatcher.submit(request("a"), patient));
    let idle = false;
    const waiting = dispatcher.idle().then(() => {
      idle = true;
    });
    await settled();
    assert.equal(idle, false);
    await runner.finish();
    await waiting;
    assert.equal(await answer, "a");
  });

  it("refuses everything that waits, and what comes later, once stopped", async () => {
    const { runner, dispatcher } = start();
    const answers = ["a", "b"].map((id) => outcome(dispatcher.submit(request(id), patient)));
    dispatcher.stop(new SlipwayError("unavailable", "The worker died."));
    await runner.finish(new Error("dead"));
    assert.deepEqual(await Promise.all(answers), ["internal", "unavailable"]);
    assert.equal(await outcome(dispatcher.submit(request("c"), patient)), "unavailable");
  });

  it("tells when a run goes on although nobody waits for it any more, and not before", async () => {
    const runner = new ManualRunner();
    const clock = new VirtualClock();
    let told = 0;
    const dispatcher = new Dispatcher({ runner, capacity: 1, clock, onStuck: () => told++ });
    const impatient: Caller = { cancelled: false, deadlineAt: clock.monotonic() + 60_000 };
    const answer = outcome(dispatcher.submit(request("endless"), impatient));
    await clock.advance(64_999);
    assert.equal(told, 0, "its caller waited until a moment ago");
    await clock.advance(60_000);
    assert.equal(told, 1);
    await runner.finish();
    assert.equal(await answer, "endless");
    await clock.advance(60_000);
    assert.equal(told, 1, "a run that ended is not watched");
  });
});
