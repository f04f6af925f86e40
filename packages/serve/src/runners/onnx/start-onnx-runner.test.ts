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

const going = new AbortController().signal;
const settings = { intraOpThreads: 1, graphOptimization: "all" } as const;

function request(runner: ModelRunner, inputs: unknown[], outputs?: string[]): InferRequest {
  const names = outputs?.map((name) => ({ name }));
  const text = JSON.stringify({ inputs, ...(names === undefined ? {} : { outputs: names }) });
  return parseInferRequest(Buffer.from(text), runner.signature);
}

async function replies(runner: ModelRunner, batch: InferRequest[]): Promise<InferReply[]> {
  return Array.fromAsync(runner.predict(batch, going));
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
    assert.deepEqual([got[0].index, got[1].index], [0, 1]);
  });

  it("does not begin once the signal has aborted", async (t) => {
    const runner = await startFixtureRunner(t, "zeros");
    const one = request(runner, [tensorJson("count", "INT64", [1], [1])]);
    await assert.rejects(Array.fromAsync(runner.predict([one], AbortSignal.abort(new SlipwayError("cancelled", "gone")))), {
      code: "cancelled",
    });
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
