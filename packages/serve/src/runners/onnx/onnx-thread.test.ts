import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { MessageChannel, Worker } from "node:worker_threads";
import { OnnxThread } from "./onnx-thread.ts";

/** A thread that runs `source`, where `port` is its end of the channel and `wake` its alarm. */
function start(t: TestContext, source: string): OnnxThread {
  const { port1, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const text = `const { workerData: { port, wake } } = require("node:worker_threads"); ${source}`;
  const worker = new Worker(text, { eval: true, workerData: { port: port2, wake }, transferList: [port2] });
  t.after(() => worker.terminate());
  return new OnnxThread(worker, port1, wake);
}

describe("an ONNX thread", () => {
  it("wakes the worker from its sleep", async (t) => {
    const thread = start(t, 'Atomics.wait(wake, 0, 0); port.postMessage({ failed: "awake" }); port.close();');
    const answer = thread.receive();
    thread.send(new ArrayBuffer(8));
    assert.deepEqual(await answer, { failed: "awake" });
    await thread.ended();
  });

  for (const [how, source] of [
    ["throws", 'throw new Error("worker broke");'],
    ["rejects unhandled", 'Promise.reject(new Error("worker broke"));'],
    ["exits", "process.exit(0);"],
  ] as const) {
    it(`fails what is expected when the worker ${how}`, async (t) => {
      const thread = start(t, source);
      await assert.rejects(thread.receive(), { code: "internal", message: "The model worker ended unexpectedly." });
      assert.equal((await thread.failed).code, "internal");
      await assert.rejects(thread.receive(), { code: "internal" });
      await thread.close();
    });
  }

  it("refuses to expect two answers at once", async (t) => {
    const thread = start(t, 'Atomics.wait(wake, 0, 0); port.postMessage({ failed: "done" }); port.close();');
    const first = thread.receive();
    await assert.rejects(thread.receive(), { code: "internal" });
    thread.send("close");
    await first;
  });
});
