import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { status } from "@grpc/grpc-js";
import { silentLog, systemClock } from "@slipway/base";
import { GrpcClient } from "@slipway/testkit";
import { startFixture } from "../../fixtures/start-fixture.ts";
import { type InferenceTarget, openLoadableModel, serveHttp } from "../index.ts";

const text = (name: string) => readFileSync(new URL(`../../../../docs/proto/${name}.proto`, import.meta.url), "utf8");
const proto = text("inference");
const health = text("health");

async function serve(t: TestContext, target: InferenceTarget) {
  const server = await serveHttp(target, {
    port: 0,
    version: "1.2.3",
    clock: systemClock,
    log: silentLog,
    bodyLimit: 1024 * 1024,
  });
  t.after(() => server.close({ drainMs: 0 }));
  assert.ok("url" in server.address);
  const client = new GrpcClient(server.address.port, proto);
  t.after(() => client.close());
  return { client, port: server.address.port, url: server.address.url };
}

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const x = { name: "x", datatype: "FP32", shape: [1, 2] };
const typed = { modelName: "m", id: "7", inputs: [{ ...x, contents: { fp32Contents: [1.5, -2] } }] };
const raw = { modelName: "m", id: "8", inputs: [x], rawInputContents: [floats(1.5, -2)] };

describe("gRPC of serveHttp()", () => {
  it("tells of server and model, beside REST on the same port", async (t) => {
    const { client, url } = await serve(t, await startFixture(t, "identity-fp32"));
    assert.deepEqual(await client.call("ServerLive", {}), { live: true });
    assert.deepEqual(await client.call("ServerReady", {}), { ready: true });
    assert.deepEqual(await client.call("ModelReady", { name: "m" }), { ready: true });
    assert.deepEqual(await client.call("ServerMetadata", {}), {
      name: "slipway",
      version: "1.2.3",
      extensions: ["binary_tensor_data"],
    });
    const tensor = { datatype: "FP32", shape: ["-1", "2"] };
    assert.deepEqual(await client.call("ModelMetadata", { name: "m", version: "m-1" }), {
      name: "m",
      versions: ["m-1"],
      platform: "onnxruntime_onnx",
      inputs: [{ name: "x", ...tensor }],
      outputs: [{ name: "y", ...tensor }],
    });
    for (const request of [{ name: "other" }, { name: "m", version: "2" }])
      assert.deepEqual(await client.call("ModelReady", request), {});
    assert.equal((await client.refused("ModelMetadata", { name: "m", version: "2" })).code, status.NOT_FOUND);
    assert.equal((await client.refused("RepositoryIndex", {})).code, status.UNIMPLEMENTED);
    assert.equal((await fetch(`${url}/v2/health/ready`)).status, 200);
  });

  it("answers typed contents with typed contents, and raw with raw", async (t) => {
    const { client } = await serve(t, await startFixture(t, "identity-fp32"));
    const y = { name: "y", datatype: "FP32", shape: ["1", "2"] };
    const typedAnswer = (await client.call("ModelInfer", typed)) as unknown as {
      outputs: { contents: { fp32Contents: number[] } }[];
      rawOutputContents: Buffer[];
    };
    assert.deepEqual(typedAnswer.outputs[0]?.contents.fp32Contents, [1.5, -2]);
    assert.deepEqual(typedAnswer.rawOutputContents, []);
    const { outputs, ...rawAnswer } = (await client.call("ModelInfer", raw)) as unknown as { outputs: object[] };
    assert.deepEqual(outputs, [y]);
    assert.deepEqual(rawAnswer, { modelName: "m", modelVersion: "m-1", id: "8", rawOutputContents: [floats(1.5, -2)] });
  });

  it("is exact for every datatype, in both kinds of contents", async (t) => {
    const cases: [fixture: string, datatype: string, field: string | undefined, values: unknown[], bytes: Buffer][] = [
      ["bool", "BOOL", "boolContents", [true, false], Buffer.from([1, 0])],
      ["int8", "INT8", "intContents", [-128, 127], Buffer.from(Int8Array.of(-128, 127).buffer)],
      ["int16", "INT16", "intContents", [-32768, 32767], Buffer.from(Int16Array.of(-32768, 32767).buffer)],
      ["int32", "INT32", "intContents", [-2147483648, 7], Buffer.from(Int32Array.of(-2147483648, 7).buffer)],
      [
        "int64",
        "INT64",
        "int64Contents",
        ["-9223372036854775808", "9007199254740993"],
        Buffer.from(BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n).buffer),
      ],
      ["uint8", "UINT8", "uintContents", [0, 255], Buffer.from([0, 255])],
      ["uint16", "UINT16", "uintContents", [0, 65535], Buffer.from(Uint16Array.of(0, 65535).buffer)],
      ["uint32", "UINT32", "uintContents", [0, 4294967295], Buffer.from(Uint32Array.of(0, 4294967295).buffer)],
      [
        "uint64",
        "UINT64",
        "uint64Contents",
        ["18446744073709551615", "1"],
        Buffer.from(BigUint64Array.of(2n ** 64n - 1n, 1n).buffer),
      ],
      ["fp16", "FP16", undefined, [], Buffer.from(Float16Array.of(1.5, Number.NaN).buffer)],
      ["fp32", "FP32", "fp32Contents", [1.5, Number.NEGATIVE_INFINITY], floats(1.5, Number.NEGATIVE_INFINITY)],
      ["fp64", "FP64", "fp64Contents", [0.1, -0], Buffer.from(Float64Array.of(0.1, -0).buffer)],
    ];
    for (const [fixture, datatype, field, values, bytes] of cases) {
      const { client } = await serve(t, await startFixture(t, `identity-${fixture}`));
      const input = { name: "x", datatype, shape: [1, 2] };
      const rawAnswer = (await client.call("ModelInfer", {
        modelName: "m",
        inputs: [input],
        rawInputContents: [bytes],
      })) as unknown as { rawOutputContents: Buffer[] };
      assert.deepEqual(rawAnswer.rawOutputContents, [bytes], datatype);
      if (field === undefined) {
        assert.match((await client.refused("ModelInfer", { modelName: "m", inputs: [input] })).details, /raw_input_contents/);
        continue;
      }
      const answer = (await client.call("ModelInfer", {
        modelName: "m",
        inputs: [{ ...input, contents: { [field]: values } }],
      })) as unknown as { outputs: { contents: Record<string, unknown> }[] };
      assert.deepEqual(answer.outputs[0]?.contents[field], values, datatype);
    }
  });

  it("carries BYTES that are no text", async (t) => {
    const { client } = await serve(t, await startFixture(t, "identity-bytes"));
    const elements = [Buffer.from("größer"), Buffer.alloc(0)];
    const input = { name: "x", datatype: "BYTES", shape: [1, 2] };
    const answer = (await client.call("ModelInfer", {
      modelName: "m",
      inputs: [{ ...input, contents: { bytesContents: elements } }],
    })) as unknown as { outputs: { contents: { bytesContents: Buffer[] } }[] };
    assert.deepEqual(answer.outputs[0]?.contents.bytesContents, elements);
  });

  it("refuses what does not fit the signature, and says what would", async (t) => {
    const { client } = await serve(t, await startFixture(t, "identity-fp32"));
    const with1 = (input: object, more: object = {}) => ({ modelName: "m", inputs: [{ ...x, ...input }], ...more });
    const cases: [what: string, request: object, details: RegExp][] = [
      [
        "both kinds",
        with1({ contents: { fp32Contents: [1, 2] } }, { rawInputContents: [floats(1, 2)] }),
        /both typed contents and raw_input_contents/,
      ],
      [
        "raw entries for none",
        with1({}, { rawInputContents: [floats(1, 2), floats(1)] }),
        /raw_input_contents has 2 entries for 1 inputs/,
      ],
      ["too few raw bytes", with1({}, { rawInputContents: [floats(1)] }), /needs 8 bytes of binary data, not 4/],
      ["too few values", with1({ contents: { fp32Contents: [1] } }), /needs 2 values, fp32_contents has 1/],
      ["a huge claim", with1({ shape: ["1000000000", "2"], contents: { fp32Contents: [1] } }), /needs 2000000000 values/],
      ["another list", with1({ contents: { fp64Contents: [1, 2] } }), /comes in fp32_contents, not in fp64_contents/],
      ["another datatype", with1({ datatype: "FP64", contents: { fp64Contents: [1, 2] } }), /datatype must be FP32, not "FP64"/],
      ["another rank", with1({ shape: [2], contents: { fp32Contents: [1, 2] } }), /2 dimensions, not 1/],
      [
        "a negative size",
        with1({ shape: [-1, 2], contents: { fp32Contents: [1, 2] } }),
        /must be a whole number from 0 up, not -1/,
      ],
      ["a size beyond 2^53", with1({ shape: ["9223372036854775807", 2] }), /must be a whole number/],
      ["an unknown input", { modelName: "m", inputs: [{ ...x, name: "z" }] }, /no input "z"/],
      ["an input twice", { modelName: "m", inputs: [x, x] }, /2 inputs, the model has 1/],
      ["no input", { modelName: "m" }, /Input "x" FP32 \[-1,2\] is missing/],
      ["an unknown output", { ...typed, outputs: [{ name: "q" }] }, /no output "q"/],
      ["an output twice", { ...typed, outputs: [{ name: "y" }, { name: "y" }] }, /requested twice/],
      [
        "classification",
        { ...typed, outputs: [{ name: "y", parameters: { classification: { int64Param: 3 } } }] },
        /classification is not supported/,
      ],
      ["a parameter mistyped", { ...typed, parameters: { timeuot: { int64Param: 3 } } }, /Did you mean "timeout"/],
      [
        "a size that lies",
        with1({ parameters: { binary_data_size: { int64Param: 4 } } }, { rawInputContents: [floats(1, 2)] }),
        /binary_data_size is 4/,
      ],
    ];
    for (const [what, request, details] of cases) {
      const error = await client.refused("ModelInfer", request);
      assert.equal(error.code, status.INVALID_ARGUMENT, what);
      assert.match(error.details, details, what);
      await client.call("ModelInfer", typed);
    }
    assert.equal((await client.refused("ModelInfer", { ...typed, modelName: "other" })).code, status.NOT_FOUND);
    assert.equal(
      (
        await client.refused("ModelInfer", {
          ...raw,
          inputs: [{ ...x, shape: [200_000, 2] }],
          rawInputContents: [Buffer.alloc(1_600_000)],
        })
      ).code,
      status.RESOURCE_EXHAUSTED,
    );
    // KServe's client says the size of raw contents.
    await client.call(
      "ModelInfer",
      with1({ parameters: { binary_data_size: { int64Param: 8 } } }, { rawInputContents: [floats(1, 2)] }),
    );
  });

  it("refuses values that the datatype cannot hold", async (t) => {
    const { client } = await serve(t, await startFixture(t, "identity-uint8"));
    const input = { name: "x", datatype: "UINT8", shape: [1, 2], contents: { uintContents: [7, 300] } };
    const error = await client.refused("ModelInfer", { modelName: "m", inputs: [input] });
    assert.match(error.details, /value\[0\]\[1\] must be a whole number from 0 to 255, not 300/);
  });

  it("answers each message of a stream in order, errors too, and goes on", async (t) => {
    const { client } = await serve(t, await startFixture(t, "identity-fp32"));
    const stream = client.stream("ModelStreamInfer");
    const answers: { errorMessage?: string; inferResponse?: { id: string } }[] = [];
    stream.on("data", (answer) => answers.push(answer));
    for (let index = 0; index < 100; index += 1)
      stream.write({ ...(index % 2 === 0 ? typed : raw), id: `${index}`, ...(index === 50 ? { inputs: [] } : {}) });
    stream.end();
    await new Promise((resolve) => stream.on("status", resolve));
    assert.deepEqual(
      answers.map(({ inferResponse }) => inferResponse?.id),
      Array.from({ length: 100 }, (_, index) => `${index}`),
    );
    const failed = answers.filter(({ errorMessage }) => errorMessage !== undefined);
    assert.equal(failed.length, 1);
    assert.match(failed[0]!.errorMessage!, /Input "x" FP32 \[-1,2\] is missing/);
  });

  it("honours deadlines: what cannot be answered in time is DEADLINE_EXCEEDED, and the model goes on", async (t) => {
    const { client } = await serve(t, await startFixture(t, "slow"));
    const rounds = (value: number) => ({
      modelName: "m",
      inputs: [{ name: "rounds", datatype: "INT64", shape: [1], contents: { int64Contents: [value] } }],
    });
    const begun = client.call("ModelInfer", rounds(2_000)).catch(() => {});
    assert.equal((await client.refused("ModelInfer", rounds(2_000), { deadlineMs: 5 })).code, status.DEADLINE_EXCEEDED);
    await begun;
    await client.call("ModelInfer", rounds(1));
  });

  it("is a repository of one where the model can be unloaded, for Triton's clients and KServe's", async (t) => {
    const start = () => startFixture(t, "identity-fp32");
    const loadable = await openLoadableModel({ start, log: silentLog });
    t.after(() => loadable.close());
    const { client, port } = await serve(t, loadable);
    const checks = new GrpcClient(port, health, "grpc.health.v1.Health");
    t.after(() => checks.close());
    const index = async () => ((await client.call("RepositoryIndex", {})) as unknown as { models: object[] }).models;
    assert.deepEqual(await index(), [{ name: "m", version: "m-1", state: "READY" }]);
    const watched = checks.watch("Watch", { service: "m" });
    watched.on("error", () => {});
    assert.deepEqual((await once(watched, "data"))[0], { status: 1 });
    await client.call("RepositoryModelUnload", { modelName: "m" });
    // Unloaded, it is as unknown as over REST.
    assert.deepEqual((await once(watched, "data"))[0], { status: 3 });
    watched.cancel();
    assert.deepEqual(await client.call("ModelReady", { name: "m" }), {});
    assert.equal((await client.refused("ModelInfer", typed)).code, status.NOT_FOUND);
    assert.deepEqual(await client.call("ServerReady", {}), {});
    assert.deepEqual(await client.call("RepositoryModelLoad", { repositoryName: "m" }), { modelName: "m", isLoaded: true });
    await client.call("ModelInfer", typed);
    for (const service of ["", "inference.GRPCInferenceService", "m"])
      assert.deepEqual(await checks.call("Check", { service }), { status: 1 });
    assert.equal((await checks.refused("Check", { service: "other" })).code, status.NOT_FOUND);
  });
});
