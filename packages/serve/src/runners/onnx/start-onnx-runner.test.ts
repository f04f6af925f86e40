import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { SlipwayError } from "@slipway/base";
import { type InferRequest, parseInferRequest } from "@slipway/protocol";
import { fixture, startFixtureRunner, tensorJson } from "../../../fixtures/start-fixture.ts";
import type { InferReply, ModelRunner } from "../model-runner.ts";
import { startOnnxRunner } from "./start-onnx-runner.ts";

const settings = { instances: 1, intraOpThreads: 1, graphOptimization: "all" } as const;

function request(runner: ModelRunner, inputs: unknown[], outputs?: string[]): InferRequest {
  const names = outputs?.map((name) => ({ name }));
  const text = JSON.stringify({ inputs, ...(names === undefined ? {} : { outputs: names }) });
  return parseInferRequest(Buffer.from(text), runner.signature);
}

async function replies(runner: ModelRunner, batch: InferRequest[]): Promise<InferReply[]> {
  return [...(await runner.predict(batch, false)).replies];
}

async function reply(runner: ModelRunner, one: InferRequest): Promise<InferReply> {
  const [only] = await replies(runner, [one]);
  return only!;
}

async function failure(runner: ModelRunner, one: InferRequest): Promise<SlipwayError> {
  const got = await reply(runner, one);
  assert.ok("error" in got);
  return got.error;
}

async function bundleFile(t: TestContext, bytes: Uint8Array): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-onnx-"));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "model.onnx"), bytes);
  return join(directory, "model.onnx");
}

describe("an ONNX runner", () => {
  for (const [datatype, data] of [
    ["BOOL", [true, false]],
    ["UINT8", [0, 255]],
    ["UINT16", [0, 65535]],
    ["UINT32", [0, 4294967295]],
    ["UINT64", [0, 9007199254740991]],
    ["INT8", [-128, 127]],
    ["INT16", [-32768, 32767]],
    ["INT32", [-2147483648, 2147483647]],
    ["INT64", [-9007199254740991, 7]],
    ["FP16", [65504, -0.5]],
    ["FP32", [1.5, -0]],
    ["FP64", [0.1, 1e300]],
    ["BYTES", ["", "é 😀"]],
  ] as const) {
    it(`carries ${datatype} both ways`, async (t) => {
      const runner = await startFixtureRunner(t, `identity-${datatype.toLowerCase()}`);
      assert.deepEqual(runner.signature.inputs, [{ name: "x", datatype, shape: [-1, 2] }]);
      const one = request(runner, [tensorJson("x", datatype, [1, 2], data)]);
      const got = await reply(runner, one);
      assert.ok("outputs" in got);
      assert.deepStrictEqual(got.outputs, [{ name: "y", datatype, shape: [1, 2], data: one.inputs[0]!.data }]);
      const empty = await reply(runner, request(runner, [tensorJson("x", datatype, [0, 2], [])]));
      assert.ok("outputs" in empty);
      assert.deepEqual(empty.outputs[0]!.shape, [0, 2]);
    });
  }

  it("answers a batch in order, with the outputs each asked for", async (t) => {
    const runner = await startFixtureRunner(t, "arithmetic");
    const inputs = (value: number) => [
      tensorJson("a", "FP32", [1, 3], [1, 2, 3]),
      tensorJson("b", "FP32", [1, 3], [value, value, value]),
    ];
    const batch = [
      request(runner, inputs(1)),
      request(runner, inputs(10), ["product"]),
      request(runner, inputs(3), ["product", "sum"]),
    ];
    const got = await replies(runner, batch);
    const outputs = got.map((one) => {
      assert.ok("outputs" in one);
      return one.outputs.map((tensor) => [tensor.name, ...(tensor.data as Float32Array)]);
    });
    assert.deepEqual(outputs, [
      [
        ["sum", 2, 3, 4],
        ["product", 1, 2, 3],
      ],
      [["product", 10, 20, 30]],
      [
        ["product", 3, 6, 9],
        ["sum", 4, 5, 6],
      ],
    ]);
  });

  it("fails one request of a batch alone", async (t) => {
    const runner = await startFixtureRunner(t, "lookup");
    const at = (index: number) => request(runner, [tensorJson("index", "INT64", [1], [index])]);
    const got = await replies(runner, [at(0), at(9), at(3)]);
    assert.deepEqual(
      got.map((one) => "outputs" in one),
      [true, false, true],
    );
    const error = await failure(runner, at(9));
    assert.equal(error.code, "internal");
    assert.match(error.message, /^The model failed: .*out of data bounds/);
    assert.doesNotMatch(error.message, /[/\\]/);
  });

  it("B8 says it is the request's fault when the model takes no empty tensor", async (t) => {
    const runner = await startFixtureRunner(t, "arithmetic");
    const empty = [tensorJson("a", "FP32", [0, 3], []), tensorJson("b", "FP32", [2, 3], [1, 2, 3, 4, 5, 6])];
    const error = await failure(runner, request(runner, empty));
    assert.equal(error.code, "badRequest");
    assert.match(error.message, /does not take the empty tensor \[0,3\] as input "a"/);
  });

  it("B24 refuses an output of another shape than declared", async (t) => {
    const runner = await startFixtureRunner(t, "reshape");
    const shaped = (shape: number[]) =>
      request(runner, [tensorJson("x", "FP32", [6], [1, 2, 3, 4, 5, 6]), tensorJson("shape", "INT64", [2], shape)]);
    const error = await failure(runner, shaped([3, 2]));
    assert.equal(error.code, "internal");
    assert.equal(error.message, 'The model output "y" has the shape [3,2], not [2,3].');
    assert.ok("outputs" in (await reply(runner, shaped([2, 3]))));
  });

  it("B24 refuses an output above the limit, exactly", async (t) => {
    const runner = await startFixtureRunner(t, "zeros", 400);
    const zeros = (count: number) => request(runner, [tensorJson("count", "INT64", [1], [count])]);
    assert.ok("outputs" in (await reply(runner, zeros(100))));
    assert.match((await failure(runner, zeros(101))).message, /larger than the limit of 400 bytes/);
  });

  it("refuses a NUL in a string, which the runtime would cut", async (t) => {
    const runner = await startFixtureRunner(t, "identity-bytes");
    const [good, bad] = ["a", "a\0b"].map((text) => request(runner, [tensorJson("x", "BYTES", [1, 2], ["x", text])]));
    const got = await replies(runner, [bad!, good!]);
    assert.ok("error" in got[0]! && "outputs" in got[1]!);
    assert.match(got[0].error.message, /Input "x": value 1 contains a NUL/);
  });

  it("runs a batch together, each request with its own rows, as often as the model can", async (t) => {
    const runner = await startFixtureRunner(t, "arithmetic");
    const rows = (...values: number[]) =>
      request(runner, [
        tensorJson(
          "a",
          "FP32",
          [values.length, 3],
          values.flatMap((value) => [value, value, value]),
        ),
        tensorJson(
          "b",
          "FP32",
          [values.length, 3],
          values.flatMap(() => [1, 2, 3]),
        ),
      ]);
    const { replies: got, runs } = await runner.predict([rows(1), rows(2, 3), rows(4)], true);
    assert.equal(runs, 1);
    const sums = got.map((one) => {
      assert.ok("outputs" in one);
      return [one.outputs[0]!.shape, ...(one.outputs[0]!.data as Float32Array)];
    });
    assert.deepEqual(sums, [
      [[1, 3], 2, 3, 4],
      [[2, 3], 3, 4, 5, 4, 5, 6],
      [[1, 3], 5, 6, 7],
    ]);
  });

  it("fails only the guilty ones of a batch that runs together", async (t) => {
    const runner = await startFixtureRunner(t, "lookup");
    const at = (...index: number[]) => request(runner, [tensorJson("index", "INT64", [index.length], index)]);
    const { replies: got, runs } = await runner.predict([at(0), at(3, 1), at(9), at(2), at(1)], true);
    const answers = got.map((one) => ("outputs" in one ? [...(one.outputs[0]!.data as Float32Array)] : one.error.code));
    assert.deepEqual(answers, [[10], [13, 11], "internal", [12], [11]]);
    assert.ok(runs > 1);
  });

  it("answers each as alone when a model gives not a row for each row", async (t) => {
    const runner = await startFixtureRunner(t, "zeros");
    const zeros = (count: number) => request(runner, [tensorJson("count", "INT64", [1], [count])]);
    const { replies: got } = await runner.predict([zeros(2), zeros(3)], true);
    assert.deepEqual(
      got.map((one) => ("outputs" in one ? one.outputs[0]!.shape : one.error)),
      [[2], [3]],
    );
  });

  it("gives views that later runs do not change, small and large", async (t) => {
    const runner = await startFixtureRunner(t, "identity-fp64", 100_000_000);
    for (const count of [1, 20_000]) {
      const one = (value: number) => {
        const data = new Float64Array(count * 2).fill(value);
        return { inputs: [{ name: "x", datatype: "FP64", shape: [count, 2], data } as const] };
      };
      const first = await reply(runner, one(1));
      for (let turn = 2; turn < 20; turn += 1) await reply(runner, one(turn));
      assert.ok("outputs" in first);
      assert.deepEqual(first.outputs[0]!.data, one(1).inputs[0]!.data);
    }
  });

  it("runs as many batches at a time as it has instances, and no more", async (t) => {
    const runner = await startFixtureRunner(t, "slow", 1_000, { instances: 2 });
    assert.equal(runner.instances, 2);
    const slow = (rounds: number) => request(runner, [tensorJson("rounds", "INT64", [1], [rounds])]);
    const running = [runner.predict([slow(200)], false), runner.predict([slow(1)], false)];
    await assert.rejects(async () => runner.predict([slow(1)], false), { code: "internal" });
    const ended = running.map(async (one, index) => {
      await one;
      return index;
    });
    assert.equal(await Promise.race(ended), 1);
    for (const { replies: got } of await Promise.all(running)) assert.ok("outputs" in got[0]!);
  });

  it("answers at once when runs are short, and never sleeps through a long one", async (t) => {
    const runner = await startFixtureRunner(t, "slow");
    const run = (count: number) => runner.predict([request(runner, [tensorJson("rounds", "INT64", [1], [count])])], false);
    const first = run(1);
    assert.ok(first instanceof Promise, "it does not know yet");
    await first;
    let atOnce = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      const given = run(1);
      if (!(given instanceof Promise)) atOnce += 1;
      assert.ok("outputs" in (await given).replies[0]!);
    }
    assert.ok(atOnce > 0, "none of 200 short runs was answered at once");
    await run(2_000);
    assert.ok(run(1) instanceof Promise, "a long run was forgotten at once");
  });

  it("closes while it runs, after the run", async (t) => {
    const runner = await startFixtureRunner(t, "slow");
    const running = reply(runner, request(runner, [tensorJson("rounds", "INT64", [1], [2000])]));
    await runner.close();
    assert.ok("outputs" in (await running));
  });
});

describe("startOnnxRunner() refuses as invalid", () => {
  const limits = { settings, maxOutputBytes: 1000 };

  for (const [name, bytes] of [
    ["an empty file", Buffer.alloc(0)],
    ["text", Buffer.from("not a model")],
    ["a pickle", Buffer.from("\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.", "latin1")],
  ] as const) {
    it(name, async (t) => {
      const modelFile = await bundleFile(t, bytes);
      await assert.rejects(startOnnxRunner({ modelFile, ...limits }), (error) => {
        assert.ok(error instanceof SlipwayError);
        assert.equal(error.code, "invalid");
        assert.match(error.message, /^The model cannot be loaded: /);
        assert.doesNotMatch(error.message, /[/\\]/);
        return true;
      });
    });
  }

  it("E5 a model cut off anywhere, or runs it", async (t) => {
    const whole = await readFile(fixture("arithmetic"));
    for (let length = 1; length < whole.length; length += 12) {
      const modelFile = await bundleFile(t, whole.subarray(0, length));
      await assert.rejects(startOnnxRunner({ modelFile, ...limits }), { code: "invalid" });
    }
  });

  it("a missing file", async () => {
    await assert.rejects(startOnnxRunner({ modelFile: "/nonexistent/model.onnx", ...limits }), { code: "invalid" });
  });

  it("an output that is no tensor", async (t) => {
    const modelFile = await bundleFile(t, await readFile(fixture("sequence")));
    await assert.rejects(startOnnxRunner({ modelFile, ...limits }), { code: "invalid", message: /output "y" is not a tensor/ });
  });
});
