import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError, VirtualClock } from "@slipway/base";
import type { InferRequest, ModelSignature, Tensor } from "@slipway/protocol";
import type { BatchReply, ModelRunner } from "../runners/model-runner.ts";
import { Batcher, type BatcherOptions } from "./batcher.ts";
import type { Caller } from "./caller.ts";

const patient: Caller = { cancelled: false, deadlineAt: undefined };
const signature: ModelSignature = {
  inputs: [{ name: "x", datatype: "FP32", shape: [-1, -1] }],
  outputs: [{ name: "y", datatype: "FP32", shape: [-1, -1] }],
};

function request(id: string, shape: readonly number[] = [1, 1], outputs?: readonly string[]): InferRequest {
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  return { id, inputs: [{ name: "x", datatype: "FP32", shape, data }], ...(outputs === undefined ? {} : { outputs }) };
}

/** A model in memory: each run ends when the test says so, by default the one that began first. */
class ManualRunner implements Pick<ModelRunner, "predict" | "instances"> {
  readonly groups: string[][] = [];
  readonly instances: number;
  private readonly running: ((outcome: "done" | Error) => void)[] = [];

  constructor(instances: number) {
    this.instances = instances;
  }

  async predict(batch: readonly InferRequest[], together: boolean): Promise<BatchReply> {
    this.groups.push(batch.map((one) => one.id ?? ""));
    const outcome = await new Promise<"done" | Error>((resolve) => this.running.push(resolve));
    if (outcome !== "done") throw outcome;
    const replies = batch.map((one) =>
      one.id === "bad"
        ? { ms: 1, error: new SlipwayError("internal", "The model failed.") }
        : { ms: 1, outputs: [{ ...one.inputs[0]!, name: one.id! }] },
    );
    return { replies, runs: together ? 1 : batch.length };
  }

  end(outcome: "done" | Error = "done"): void {
    this.running.shift()?.(outcome);
  }
}

/** Everything that follows from what happened so far has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

function start(options: Partial<BatcherOptions> & { readonly instances?: number } = {}) {
  const { instances = 1, ...more } = options;
  const runner = new ManualRunner(instances);
  const clock = new VirtualClock();
  const batcher = new Batcher({ runner, signature, maxBatchSize: 1, capacity: 256, clock, ...more });
  const submit = (one: InferRequest, caller = patient) => outcome(batcher.submit(one, caller));
  /** Lets the run in progress take so long, and ends it. */
  const finish = async (ms = 1, how: "done" | Error = "done") => {
    await settled();
    await clock.advance(ms);
    runner.end(how);
    await settled();
  };
  /** Ends one run after the other until none is left; `time` tells how long each takes. */
  const drain = async (time: (size: number) => number = () => 1) => {
    let seen = runner.groups.length;
    await settled();
    for (; batcher.inflight > 0; seen += 1) await finish(time(runner.groups.at(-1)!.length));
    return seen;
  };
  return { runner, clock, batcher, submit, finish, drain };
}

/** How a promise ended, as text. */
async function outcome(promise: Promise<readonly Tensor[]>): Promise<string> {
  return promise.then(
    (outputs) => outputs[0]!.name,
    (error) => (error instanceof SlipwayError ? error.code : String(error)),
  );
}

const sizes = (runner: ManualRunner) => runner.groups.map((group) => group.length);

describe("a batcher", () => {
  it("starts when the model is free, and the next on completion", async () => {
    const { runner, batcher, submit, finish } = start({ maxBatchSize: 64 });
    const answers = [submit(request("a"))];
    await settled();
    assert.deepEqual(runner.groups, [["a"]]);
    answers.push(submit(request("b")), submit(request("c")));
    await settled();
    assert.deepEqual(runner.groups, [["a"]]);
    assert.equal(batcher.inflight, 3);
    await finish();
    assert.deepEqual(runner.groups, [["a"], ["b", "c"]]);
    await finish();
    assert.deepEqual(await Promise.all(answers), ["a", "b", "c"]);
    assert.equal(batcher.inflight, 0);
  });

  it("runs together what arrives in the same turn of the event loop", async () => {
    const { runner, submit, drain } = start({ maxBatchSize: 64 });
    const answers = [submit(request("a")), submit(request("b"))];
    await drain();
    assert.deepEqual(runner.groups, [["a", "b"]]);
    assert.deepEqual(await Promise.all(answers), ["a", "b"]);
  });

  it("takes ever larger batches up to the largest while that makes it faster", async () => {
    const { runner, submit, drain } = start({ maxBatchSize: 20 });
    const answers = Array.from({ length: 100 }, (_, index) => submit(request(`${index}`)));
    await drain(() => 10);
    assert.deepEqual(sizes(runner), [2, 4, 8, 16, 20, 20, 20, 10]);
    assert.deepEqual(
      await Promise.all(answers),
      answers.map((_, index) => `${index}`),
    );
  });

  it("takes small batches of a model that gains nothing by larger ones: they answer sooner", async () => {
    const { runner, submit, drain } = start({ maxBatchSize: 64 });
    await Promise.all([submit(request("first")), drain((size) => size * 10)]);
    for (let index = 0; index < 30; index += 1) void submit(request(`${index}`));
    await drain((size) => size * 10);
    assert.deepEqual(sizes(runner), [1, 2, ...new Array(28).fill(1)]);
  });

  it("hands over requests that do not share a run together as well, while that makes it faster", async () => {
    const { runner, submit, drain } = start();
    for (let index = 0; index < 40; index += 1) void submit(request(`${index}`, [1, index]));
    await drain((size) => 0.1 + size * 0.01);
    assert.deepEqual(sizes(runner), [2, 4, 8, 16, 10]);
  });

  it("hands over at most a mebibyte of what does not share a run", async () => {
    const { runner, submit, drain } = start();
    for (const id of ["a", "b", "c", "d"]) void submit(request(id, [1, 150_000]));
    await drain();
    assert.deepEqual(runner.groups, [["a"], ["b"], ["c"], ["d"]]);
  });

  it("counts rows, not requests, and runs alone what is larger than a batch or has no rows", async () => {
    const { runner, submit, drain } = start({ maxBatchSize: 4 });
    await Promise.all([submit(request("first")), drain()]);
    await Promise.all([submit(request("second", [2, 1])), drain()]);
    for (const [id, rows] of Object.entries({ a: 3, b: 1, c: 2, d: 3, e: 5, f: 0, g: 1 })) void submit(request(id, [rows, 1]));
    await drain();
    assert.deepEqual(runner.groups.slice(2), [["a", "b"], ["c"], ["d", "g"], ["e"], ["f"]]);
  });

  it("keeps other shapes and other wanted outputs apart, first come first served", async () => {
    const { runner, submit, drain } = start({ maxBatchSize: 64 });
    for (const [id, shape, outputs] of [
      ["a", [1, 2]],
      ["b", [1, 3]],
      ["c", [1, 2]],
      ["d", [1, 2], ["y"]],
      ["e", [1, 3]],
      ["f", [1, 2]],
    ] as const)
      void submit(request(id, shape, outputs));
    await drain();
    assert.deepEqual(runner.groups, [["a", "c"], ["b", "e"], ["d"], ["f"]]);
  });

  it("does not let a shape starve, however many requests of another come", async () => {
    const { runner, submit, finish } = start({ maxBatchSize: 2 });
    void submit(request("a"));
    await settled();
    void submit(request("rare", [1, 9]));
    for (let turn = 0; turn < 5; turn += 1) {
      void submit(request("often"));
      void submit(request("often"));
      await finish();
    }
    assert.ok(runner.groups.slice(0, 3).some(([id]) => id === "rare"));
  });

  it("gives each free instance a batch", async () => {
    const { runner, submit, finish } = start({ maxBatchSize: 64, instances: 2 });
    const answers = ["a", "b", "c", "d", "e"].map((id) => submit(request(id)));
    await settled();
    assert.deepEqual(runner.groups, [
      ["a", "b"],
      ["c", "d"],
    ]);
    await finish();
    assert.deepEqual(runner.groups.at(-1), ["e"]);
    await finish();
    await finish();
    assert.deepEqual(await Promise.all(answers), ["a", "b", "c", "d", "e"]);
  });

  it("shares what waits among the free instances", async () => {
    const { runner, submit, drain } = start({ instances: 2 });
    void submit(request("a"));
    void submit(request("b"));
    await drain();
    assert.deepEqual(runner.groups, [["a"], ["b"]]);
  });

  it("gives everyone of a batch its own answer", async () => {
    const { submit, finish } = start({ maxBatchSize: 64 });
    const answers = [submit(request("bad")), submit(request("good"))];
    await finish();
    assert.deepEqual(await Promise.all(answers), ["internal", "good"]);
  });

  it("does not run a request that was cancelled or whose deadline passed while it waited", async () => {
    const { runner, submit, clock, finish } = start();
    const caller = { cancelled: false, deadlineAt: undefined };
    const answers = [submit(request("first"))];
    await settled();
    answers.push(
      submit(request("left"), caller),
      submit(request("late"), { cancelled: false, deadlineAt: clock.monotonic() + 10 }),
      submit(request("in time"), { cancelled: false, deadlineAt: clock.monotonic() + 100 }),
    );
    caller.cancelled = true;
    await finish(10);
    await finish();
    assert.deepEqual(await Promise.all(answers), ["first", "cancelled", "timeout", "in time"]);
    assert.deepEqual(runner.groups, [["first"], ["in time"]]);
  });

  it("refuses beyond its capacity and says when to try again", async () => {
    const { batcher, submit, finish } = start({ capacity: 2 });
    const answers = [submit(request("a"))];
    await finish(1_500);
    answers.push(submit(request("b")), submit(request("c")), submit(request("d")));
    await assert.rejects(batcher.submit(request("e"), patient), { code: "overloaded", retryAfter: 5 });
    await finish(1_500);
    await finish(1_500);
    await finish(1_500);
    assert.deepEqual(await Promise.all(answers), ["a", "b", "c", "d"]);
  });

  it("makes room for newcomers by dropping those whose callers have left", async () => {
    const { submit, drain } = start({ capacity: 1 });
    const caller = { cancelled: false, deadlineAt: undefined };
    const answers = [submit(request("a"))];
    await settled();
    answers.push(submit(request("left"), caller));
    caller.cancelled = true;
    answers.push(submit(request("b")));
    await drain();
    assert.deepEqual(await Promise.all(answers), ["a", "cancelled", "b"]);
  });

  it("fails the requests of a run that throws, and goes on", async () => {
    const { submit, finish } = start();
    const answers = [submit(request("a"))];
    await settled();
    answers.push(submit(request("b")));
    await finish(1, new Error("broken"));
    await finish();
    assert.deepEqual(await Promise.all(answers), ["internal", "b"]);
  });

  it("is idle when everything is answered", async () => {
    const { batcher, submit, finish } = start();
    await batcher.idle();
    const answer = submit(request("a"));
    let idle = false;
    const waiting = batcher.idle().then(() => {
      idle = true;
    });
    await settled();
    assert.equal(idle, false);
    await finish();
    await waiting;
    assert.equal(await answer, "a");
  });

  it("refuses everything that waits, and what comes later, once stopped", async () => {
    const { batcher, submit, finish } = start();
    const answers = [submit(request("a"))];
    await settled();
    answers.push(submit(request("b")));
    batcher.stop(new SlipwayError("unavailable", "The worker died."));
    await finish(1, new Error("dead"));
    assert.deepEqual(await Promise.all(answers), ["internal", "unavailable"]);
    assert.equal(await submit(request("c")), "unavailable");
    await batcher.idle();
  });

  it("tells when a run goes on although nobody waits for it any more, and not before", async () => {
    let told = 0;
    const { clock, submit, finish } = start({ onStuck: () => told++ });
    const answer = submit(request("endless"), { cancelled: false, deadlineAt: clock.monotonic() + 60_000 });
    await settled();
    await clock.advance(64_999);
    assert.equal(told, 0, "its caller waited until a moment ago");
    await clock.advance(60_000);
    assert.equal(told, 1);
    await finish();
    assert.equal(await answer, "endless");
    await clock.advance(60_000);
    assert.equal(told, 1, "a run that ended is not watched");
  });
});
