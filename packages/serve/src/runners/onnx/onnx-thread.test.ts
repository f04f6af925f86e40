import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { BlockReader, BlockWriter } from "../tensor-block.ts";
import { OnnxThread } from "./onnx-thread.ts";

/** A thread that runs `source`, where `port` is its end of the channel and `wake` its alarm. */
function start(t: TestContext, source: string): { thread: OnnxThread; wake: Int32Array } {
  const { port1, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(12));
  const text = `const { workerData: { port, wake } } = require("node:worker_threads"); ${source}`;
  const worker = new Worker(text, { eval: true, workerData: { port: port2, wake }, transferList: [port2] });
  t.after(() => worker.terminate());
  return { thread: new OnnxThread(worker, port1, wake), wake };
}

describe("an ONNX thread", () => {
  it("wakes the worker from its sleep", async (t) => {
    const { thread } = start(t, 'Atomics.wait(wake, 0, 0); port.postMessage({ failed: "awake" }); port.close();');
    const answer = thread.run(new BlockWriter(), 0);
    await assert.rejects(async () => answer, { code: "internal", message: /something else than replies/ });
    await thread.ended();
  });

  /** A worker that loads, and answers the first block with 7 after `before`, by `how`. */
  const answering = (before: string, how: string) => `
    const replies = new SharedArrayBuffer(64);
    new Float64Array(replies).set([1, 7]);
    port.postMessage({ loaded: {}, replies });
    Atomics.wait(wake, 0, 0);
    ${before}
    const asleep = Atomics.compareExchange(wake, 2, -2, 16) === -2;
    ${how}`;

  it("returns a reply that comes while it is slept for", async (t) => {
    const { thread } = start(t, answering("", "Atomics.notify(wake, 2); if (!asleep) port.postMessage(16);"));
    await thread.loaded();
    const block = thread.run(new BlockWriter(), 10_000);
    assert.ok(block instanceof BlockReader);
    assert.equal(block.number(), 7);
    assert.equal(thread.busy, false);
  });

  it("hears of a reply that comes later than it was slept for", async (t) => {
    const { thread, wake } = start(
      t,
      answering("while (Atomics.load(wake, 2) === -2);", "if (!asleep) port.postMessage(16); port.close();"),
    );
    await thread.loaded();
    const block = thread.run(new BlockWriter(), 0.01);
    assert.ok(block instanceof Promise);
    assert.equal(thread.busy, true);
    assert.equal(Atomics.load(wake, 2), -1);
    assert.equal((await block).number(), 7);
    await thread.ended();
  });

  for (const [how, source] of [
    ["throws", 'throw new Error("worker broke");'],
    ["rejects unhandled", 'Promise.reject(new Error("worker broke"));'],
    ["exits", "process.exit(0);"],
  ] as const) {
    it(`fails what is expected when the worker ${how}`, async (t) => {
      const { thread } = start(t, source);
      await assert.rejects(thread.loaded(), { code: "internal", message: "The model worker ended unexpectedly." });
      assert.equal((await thread.failed).code, "internal");
      await assert.rejects(async () => thread.run(new BlockWriter(), 0), { code: "internal" });
      await thread.close();
    });
  }

  it("refuses to expect two answers at once", async (t) => {
    const { thread, wake } = start(t, 'Atomics.wait(wake, 0, 0); port.postMessage({ failed: "done" }); port.close();');
    const first = thread.loaded();
    assert.equal(thread.busy, true);
    await assert.rejects(async () => thread.run(new BlockWriter(), 0), { code: "internal" });
    Atomics.add(wake, 0, 1);
    Atomics.notify(wake, 0);
    await first;
    assert.equal(thread.busy, false);
  });
});
