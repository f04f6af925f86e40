import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { createLog, SlipwayError, systemClock } from "@slipway/base";
import { startFixture, tensorJson } from "../../fixtures/start-fixture.ts";
import type { InferenceAnswer, InferenceCall, Replica, ReplicaOptions } from "../index.ts";

const patient = { cancelled: false, deadlineAt: undefined };

function call(body: unknown, more: Partial<InferenceCall> = {}): InferenceCall {
  return { model: "m", operation: "infer", headers: {}, body: Buffer.from(JSON.stringify(body)), caller: patient, ...more };
}

function json(answer: InferenceAnswer): Record<string, unknown> {
  assert.equal(answer.headers["content-type"], "application/json");
  return JSON.parse(answer.body.toString()) as Record<string, unknown>;
}

/** Status and error text of a refused call. */
async function refused(
  replica: Replica,
  one: InferenceCall,
): Promise<{ status: number; error: string; headers: InferenceAnswer["headers"] }> {
  const answer = await replica.handle(one);
  const { error, ...rest } = json(answer);
  assert.deepEqual(rest, {});
  assert.ok(typeof error === "string");
  return { status: answer.status, error, headers: answer.headers };
}

const good = { inputs: [tensorJson("a", "FP32", [1, 3], [1, 2, 3]), tensorJson("b", "FP32", [1, 3], [1, 1, 2])] };
const sum = tensorJson("sum", "FP32", [1, 3], [2, 3, 5]);
const product = tensorJson("product", "FP32", [1, 3], [1, 2, 6]);
const slow = (rounds: number) => ({ inputs: [tensorJson("rounds", "INT64", [1], [rounds])] });

/** Lines a log has written. */
function recordingLog() {
  const lines: string[] = [];
  return { lines, log: createLog({ write: (line) => lines.push(line), clock: systemClock }) };
}

async function startError(t: TestContext, name: string, options: Parameters<typeof startFixture>[2]): Promise<SlipwayError> {
  return startFixture(t, name, options).then(
    () => assert.fail("it started"),
    (error) => {
      assert.ok(error instanceof SlipwayError, String(error));
      return error;
    },
  );
}

describe("a replica", () => {
  it("answers inference, with its model, version and the request's id", async (t) => {
    const replica = await startFixture(t, "arithmetic");
    const answer = await replica.handle(call({ ...good, id: "7" }));
    assert.equal(answer.status, 200);
    assert.deepEqual(json(answer), { model_name: "m", model_version: "m-1", id: "7", outputs: [sum, product] });
    const one = await replica.handle(call({ ...good, outputs: [{ name: "product" }] }));
    assert.deepEqual(json(one), { model_name: "m", model_version: "m-1", outputs: [product] });
  });

  it("describes its model", async (t) => {
    const replica = await startFixture(t, "arithmetic");
    const three = (name: string) => ({ name, datatype: "FP32", shape: [-1, 3] });
    assert.deepEqual(json(await replica.handle(call(null, { operation: "metadata" }))), {
      name: "m",
      versions: ["m-1"],
      platform: "onnxruntime_onnx",
      inputs: [three("a"), three("b")],
      outputs: [three("sum"), three("product")],
    });
    assert.deepEqual(json(await replica.handle(call(null, { operation: "ready" }))), { name: "m", ready: true });
    const versions = async (more: Partial<InferenceCall>) =>
      json(await replica.handle(call(null, { operation: "metadata", headers: { "x-slipway-versions": "m-2,m-1" }, ...more })))
        .versions;
    assert.deepEqual(await versions({ namespace: "default" }), ["m-2", "m-1"]);
    assert.deepEqual(await versions({}), ["m-1"]);
  });

  it("refuses bad requests and answers the next good one", async (t) => {
    const replica = await startFixture(t, "arithmetic");
    for (const [status, one] of [
      [400, call({ inputs: [] })],
      [400, call({ ...good, model_name: "other" })],
      [400, { ...call(null), body: Buffer.from("{") }],
      [400, { ...call(null), body: Buffer.from("[".repeat(100_000)) }],
      [404, call(good, { model: "other" })],
      [404, call(good, { namespace: "other" })],
      [404, call(good, { revision: "m-2" })],
      [415, call(good, { headers: { "content-type": "text/plain" } })],
      [400, call(good, { headers: { "inference-header-content-length": "10" } })],
    ] as const) {
      assert.equal((await refused(replica, one)).status, status);
      assert.equal((await replica.handle(call(good))).status, 200);
    }
  });

  it("takes the model's name in the body too, as KServe's client sends it", async (t) => {
    const replica = await startFixture(t, "arithmetic");
    assert.equal((await replica.handle(call({ ...good, model_name: "m" }))).status, 200);
  });

  it("B24 answers 500 to an output JSON cannot carry, logs it, and goes on", async (t) => {
    const { lines, log } = recordingLog();
    const replica = await startFixture(t, "logarithm", { log });
    const at = (value: number) => call({ inputs: [tensorJson("x", "FP32", [2], [1, value])] });
    const { status, error } = await refused(replica, at(-1));
    assert.equal(status, 500);
    assert.match(error, /model output "y"\[1\] is NaN/);
    assert.ok(lines.some((line) => line.includes('"request failed"') && line.includes("is NaN")));
    assert.match((await refused(replica, at(0))).error, /model output "y"\[1\] is -Infinity/);
    assert.equal((await replica.handle(at(1))).status, 200);
  });

  it("B24 answers 500 to a larger output than its limit", async (t) => {
    const replica = await startFixture(t, "zeros", { maxAnswerBytes: 1_000 });
    const zeros = (count: number) => call({ inputs: [tensorJson("count", "INT64", [1], [count])] });
    assert.match((await refused(replica, zeros(1_000))).error, /model output is larger than the limit of 1000 bytes/);
    assert.match((await refused(replica, zeros(10_000_000))).error, /model output is larger/);
    assert.equal((await replica.handle(zeros(10))).status, 200);
  });

  it("G16 answers 500 to an exception in a handler, without its text, and goes on", async (t) => {
    const { lines, log } = recordingLog();
    const replica = await startFixture(t, "arithmetic", { log });
    const broken: InferenceCall = {
      ...call(good),
      get body(): Uint8Array {
        throw new TypeError("secret /etc/path");
      },
    };
    const { status, error } = await refused(replica, broken);
    assert.equal(status, 500);
    assert.equal(error, "An internal error occurred.");
    assert.ok(lines.some((line) => line.includes("secret /etc/path")));
    assert.equal((await replica.handle(call(good))).status, 200);
  });

  it("refuses with 429 and Retry-After when its queue is full", async (t) => {
    const replica = await startFixture(t, "slow", { queueLimit: 1 });
    const answers = [replica.handle(call(slow(500))), replica.handle(call(slow(1)))];
    const { status, headers } = await refused(replica, call(slow(1)));
    assert.equal(status, 429);
    assert.match(headers["retry-after"]!, /^[1-9]\d*$/);
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200);
  });

  it("refuses sizes that contradict a dimension which inputs share, and names both", async (t) => {
    const replica = await startFixture(t, "masked");
    const masked = (ids: number[], mask: number[]) => {
      const inputs = [tensorJson("ids", "INT64", [1, ids.length], ids), tensorJson("mask", "INT64", [1, mask.length], mask)];
      return call({ inputs });
    };
    assert.equal((await replica.handle(masked([4, 5], [1, 0]))).status, 200);
    const { status, error } = await refused(replica, masked([4, 5], [1]));
    assert.equal(status, 400);
    assert.match(error, /input "ids" has 2 in dimension 1 and input "mask" has 1 .* "seq"/);
  });

  it("counts its requests, and what they were run in", async (t) => {
    const replica = await startFixture(t, "arithmetic");
    await Promise.all([replica.handle(call(good)), replica.handle(call(good)), replica.handle(call({ inputs: [] }))]);
    const text = replica.metrics.render();
    const labels = 'namespace="default",model="m",revision="m-1"';
    for (const line of [
      `inference_requests_total{${labels},code="200"} 2`,
      `inference_requests_total{${labels},code="400"} 1`,
      `inference_queue_duration_seconds_count{${labels}} 2`,
      `inference_batch_size_sum{${labels}} 2`,
      `inference_inflight{${labels}} 0`,
      'nv_inference_exec_count{model="m",version="m-1"} 1',
    ])
      assert.ok(text.includes(`${line}\n`), line);
  });

  it("does not run a request whose caller left while it waited", async (t) => {
    const replica = await startFixture(t, "slow");
    const caller = { cancelled: false, deadlineAt: undefined };
    const running = replica.handle(call(slow(500)));
    const left = replica.handle(call(slow(1), { caller }));
    caller.cancelled = true;
    assert.equal((await running).status, 200);
    assert.equal((await left).status, 499);
  });

  it("drains: finishes what it has, refuses what comes with 503", async (t) => {
    const replica = await startFixture(t, "slow");
    const answers = [replica.handle(call(slow(500))), replica.handle(call(slow(1)))];
    const drained = replica.drain();
    assert.equal(replica.state, "draining");
    const { status, headers } = await refused(replica, call(slow(1)));
    assert.equal(status, 503);
    assert.equal(headers["retry-after"], "1");
    assert.equal((await refused(replica, call(null, { operation: "ready" }))).status, 503);
    await drained;
    assert.equal(replica.inflight, 0);
    for (const answer of await Promise.all(answers)) assert.equal(answer.status, 200);
    await replica.close();
    assert.equal(replica.state, "closed");
  });
});

describe("startReplica()", () => {
  const sample = (outputs: unknown[]) => ({ request: good, response: { model_name: "m", outputs } });

  it("is ready once every sample is answered as recorded", async (t) => {
    const close = tensorJson("sum", "FP32", [1, 3], [2.00001, 3, 5]);
    const replica = await startFixture(t, "arithmetic", { files: [sample([close, product]), { request: good }] });
    assert.equal(replica.state, "ready");
  });

  it("E11 refuses a model that answers a sample otherwise, and says where", async (t) => {
    const other = tensorJson("sum", "FP32", [1, 3], [2, 3.5, 5]);
    const error = await startError(t, "arithmetic", { files: [{ request: good }, sample([other])] });
    assert.equal(error.code, "invalid");
    assert.match(error.message, /sample "1.json" as recorded: output "sum"\[0\]\[1\]: expected 3.5, got 3 \(tolerance/);
  });

  it("takes the tolerance it is given, and verifies only when told to", async (t) => {
    const other = { files: [sample([tensorJson("sum", "FP32", [1, 3], [2, 3.5, 5])])] };
    const tolerance = { absolute: 0.5, relative: 0 };
    await startFixture(t, "arithmetic", { ...other, samples: { verify: true, tolerance } });
    await startFixture(t, "arithmetic", { ...other, samples: { verify: false, tolerance: { absolute: 0, relative: 0 } } });
  });

  for (const [name, file, pattern] of [
    ["text that is not JSON", "{", /Sample "0.json": The sample is not JSON/],
    [
      "an input the model has not",
      { request: { inputs: [tensorJson("c", "FP32", [1, 3], [1, 2, 3])] } },
      /Sample "0.json": The model has no input "c"/,
    ],
    [
      "an output that was not requested",
      { request: { ...good, outputs: [{ name: "sum" }] }, response: { outputs: [product] } },
      /"product" is recorded but not requested/,
    ],
  ] as const) {
    it(`E11 refuses a sample with ${name}`, async (t) => {
      const error = await startError(t, "arithmetic", { files: [file] });
      assert.equal(error.code, "invalid");
      assert.match(error.message, pattern);
    });
  }

  it("E11 refuses a model that fails on a sample", async (t) => {
    const error = await startError(t, "lookup", { files: [{ request: { inputs: [tensorJson("index", "INT64", [1], [9])] } }] });
    assert.equal(error.code, "invalid");
    assert.match(error.message, /^Sample "0.json": The model failed: /);
  });

  it("starts a model without samples even if it does not take zeros", async (t) => {
    const { lines, log } = recordingLog();
    await startFixture(t, "reshape", { log });
    assert.ok(lines.some((line) => line.includes('"warn"') && line.includes("does not take zeros")));
  });

  it("E10 refuses a declared signature that is not the model's", async (t) => {
    const signature: NonNullable<ReplicaOptions["signature"]> = {
      inputs: [{ name: "x", datatype: "FP64", shape: [-1] }],
      outputs: [{ name: "y", datatype: "FP32", shape: [-1] }],
    };
    const error = await startError(t, "logarithm", { signature });
    assert.equal(error.code, "invalid");
    assert.deepEqual(
      error.problems.map((problem) => problem.path),
      ["spec.signature.inputs[0]"],
    );
  });

  it("holds requests to a declared signature that is narrower", async (t) => {
    const signature: NonNullable<ReplicaOptions["signature"]> = {
      inputs: [{ name: "x", datatype: "FP32", shape: [2] }],
      outputs: [{ name: "y", datatype: "FP32", shape: [2] }],
    };
    const replica = await startFixture(t, "logarithm", { signature });
    const one = (data: number[]) => call({ inputs: [tensorJson("x", "FP32", [data.length], data)] });
    assert.equal((await replica.handle(one([1, 1]))).status, 200);
    assert.match((await refused(replica, one([1]))).error, /shape must be \[2\], got \[1\]/);
  });

  it("refuses unknown parameters", async (t) => {
    const error = await startError(t, "arithmetic", { parameters: { threads: "2" } });
    assert.equal(error.code, "invalid");
    assert.match(error.hint ?? "", /intraOpThreads/);
  });

  it("runs as many requests at a time as it has instances", async (t) => {
    const replica = await startFixture(t, "slow", { parameters: { instances: "2" } });
    const order: string[] = [];
    const run = async (name: string, rounds: number) => {
      assert.equal((await replica.handle(call(slow(rounds)))).status, 200);
      order.push(name);
    };
    await Promise.all([run("long", 1_000), run("short", 1)]);
    assert.deepEqual(order, ["short", "long"]);
  });

  it("runs with more than one thread", async (t) => {
    const replica = await startFixture(t, "slow", { parameters: { intraOpThreads: "2", graphOptimization: "disabled" } });
    assert.equal((await replica.handle(call(slow(3)))).status, 200);
  });
});
