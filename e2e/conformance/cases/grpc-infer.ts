import { floats, floatsOf } from "../binary.ts";
import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { lengthPrefixed, rowOf, rows } from "../datatypes.ts";
import { inference, type Message } from "../grpc-client.ts";
import {
  answered,
  expectGrpcRefused,
  expectGrpcValues,
  type GrpcAsked,
  grpcInfer,
  grpcOf,
  grpcOutput,
  grpcRequest,
  grpcStillAnswers,
} from "../grpc-infer.ts";
import { expectValues } from "../target.ts";

const grpc = casesOf("OIP v2 gRPC", "mandatory");
const stream = casesOf("Triton gRPC streaming", "optional");
const fp32 = rowOf("FP32");
const extra: Message = { name: "fp32", datatype: "FP32", shape: [1, 2], contents: { fp32_contents: [1, 2] } };
const streamInfer = inference("ModelStreamInfer", "ModelInferRequest");

/** Inference by gRPC. */
export const grpcInferCases: readonly Case[] = [
  ...rows
    .filter(({ contents }) => contents !== undefined)
    .map((row) =>
      grpc(
        `grpc-${row.input}-typed`,
        `${row.datatype} in typed contents is exact at the ends of its range`,
        `InferTensorContents, ${row.contents}`,
        async (target) => {
          const values = [...row.limits, ...row.limits];
          const shape = [row.limits.length, 2];
          const answer = answered(
            await grpcInfer(target, { tensors: { [row.input]: { shape, values } }, outputs: [`${row.input}_out`] }),
          );
          expectGrpcValues(row, answer, shape, values);
        },
      ),
    ),
  ...rows.map((row) =>
    grpc(
      `grpc-${row.input}-raw`,
      `${row.datatype} in raw contents is exact at the ends of its range`,
      "ModelInferRequest, raw_input_contents",
      async (target) => {
        const values = [...row.limits, ...row.limits];
        const shape = [row.limits.length, 2];
        const answer = answered(
          await grpcInfer(target, { raw: true, tensors: { [row.input]: { shape, values } }, outputs: [`${row.input}_out`] }),
        );
        expectGrpcValues(row, answer, shape, values);
      },
    ),
  ),
  grpc("grpc-every-datatype", "all datatypes in one request", "ModelInfer, inputs", async (target) => {
    const answer = answered(await grpcInfer(target, { raw: true }));
    for (const row of rows) expectGrpcValues(row, answer, [1, 2], row.sample);
  }),
  grpc("grpc-model-name", "model_name is the model's", "ModelInferResponse, model_name", async (target) => {
    const { model_name } = answered(await grpcInfer(target, { outputs: ["fp32_out"] }));
    expect(model_name === target.model, target.model, model_name);
  }),
  ...[
    ["grpc-id", "request-1"],
    ["grpc-id-unicode", "ид 💡"],
  ].map(([name, text]) =>
    grpc(name!, `the id ${text} is given back`, "ModelInferResponse, id", async (target) => {
      const { id } = answered(await grpcInfer(target, { outputs: ["fp32_out"], fields: { id: text } }));
      expect(id === text, `id ${text}`, id);
    }),
  ),
  grpc("grpc-version", "a version that metadata names infers", "ModelInferRequest, model_version", async (target) => {
    grpcOf(target);
    if (target.versions.length === 0) throw new NotApplicable("the model's metadata names no versions");
    for (const model_version of target.versions) {
      const answer = answered(await grpcInfer(target, { outputs: ["fp32_out"], fields: { model_version } }));
      expectGrpcValues(fp32, answer, [1, 2], fp32.sample);
      expect(answer.model_version === model_version, model_version, answer.model_version);
    }
  }),
  grpc("grpc-outputs", "only the wanted outputs come", "InferRequestedOutputTensor", async (target) => {
    const names = ["int32_out", "bool_out"];
    const { outputs } = answered(await grpcInfer(target, { outputs: names }));
    const got = (outputs as readonly Message[]).map(({ name }) => name).sort();
    expect(JSON.stringify(got) === JSON.stringify([...names].sort()), names.join(" and "), got);
  }),
  grpc("grpc-outputs-all", "without outputs all come", "ModelInferRequest, outputs", async (target) => {
    const answer = answered(await grpcInfer(target, { raw: true }));
    for (const row of rows) grpcOutput(answer, `${row.input}_out`);
  }),
  ...[7, 1000].map((size) =>
    grpc(`grpc-batch-${size}`, `a batch of ${size}`, "InferInputTensor, shape", async (target) => {
      const values = Array.from({ length: size * 2 }, (_, index) => String(index));
      const answer = answered(
        await grpcInfer(target, { tensors: { int32: { shape: [size, 2], values } }, outputs: ["int32_out"] }),
      );
      expectGrpcValues(rowOf("INT32"), answer, [size, 2], values);
    }),
  ),
  grpc("grpc-batch-none", "a tensor without elements is echoed or refused", "InferInputTensor, shape", async (target) => {
    const outcome = await grpcInfer(target, {
      raw: true,
      tensors: { fp32: { shape: [0, 2], values: [] } },
      outputs: ["fp32_out"],
    });
    if (outcome.code !== 0) return expectGrpcRefused(outcome);
    const { tensor } = grpcOutput(answered(outcome), "fp32_out");
    expect(JSON.stringify(tensor.shape) === '["0","2"]', "shape 0, 2", tensor.shape);
  }),
  grpc("grpc-large", "two megabytes of raw contents", "ModelInferRequest, raw_input_contents", async (target) => {
    const bytes = floatsOf(Array.from({ length: 500_000 }, (_, index) => index));
    const answer = answered(
      await grpcInfer(target, { raw: true, tensors: { fp32: { shape: [250_000, 2], bytes } }, outputs: ["fp32_out"] }),
    );
    const { raw, tensor } = grpcOutput(answer, "fp32_out");
    const got = raw ?? floatsOf((tensor.contents as Message).fp32_contents as number[]);
    expect(got.equals(bytes), "the same bytes", `${got.length} others`);
  }),
  grpc("grpc-nan", "NaN and infinities come back", "InferTensorContents: IEEE 754", async (target) => {
    const bytes = floats(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
    const answer = answered(
      await grpcInfer(target, { raw: true, tensors: { fp32: { shape: [2, 2], bytes } }, outputs: ["fp32_out"] }),
    );
    const { raw, tensor } = grpcOutput(answer, "fp32_out");
    const got =
      raw === undefined
        ? ((tensor.contents as Message).fp32_contents as number[])
        : [0, 4, 8, 12].map((at) => raw.readFloatLE(at));
    expect(
      Number.isNaN(got[0]) && got[1] === Number.POSITIVE_INFINITY && got[2] === Number.NEGATIVE_INFINITY && got[3] === 0,
      "NaN, Infinity, -Infinity, 0",
      got.map(String),
    );
  }),
  grpc("grpc-bytes-any", "BYTES that are not UTF-8 are exact or refused", "bytes_contents; raw BYTES", async (target) => {
    const bytes = Buffer.concat([lengthPrefixed(Buffer.from([0xff, 0xfe])), lengthPrefixed(Buffer.from([0xed, 0xa0, 0x80]))]);
    const outcome = await grpcInfer(target, { raw: true, tensors: { bytes: { bytes } }, outputs: ["bytes_out"] });
    if (outcome.code !== 0) return expectGrpcRefused(outcome);
    const { raw, tensor } = grpcOutput(answered(outcome), "bytes_out");
    const typed = ((tensor.contents as Message | null)?.bytes_contents as readonly Buffer[] | undefined) ?? [];
    expect((raw ?? Buffer.concat(typed.map(lengthPrefixed))).equals(bytes), bytes.toString("hex"), raw?.toString("hex") ?? typed);
  }),
  grpc(
    "grpc-rest-same",
    "the same values have the same answer over HTTP",
    "ModelInfer; OIP v2 REST, Inference",
    async (target) => {
      const answer = answered(await grpcInfer(target, { tensors: { fp64: { values: ["0.1", "2.5"] } }, outputs: ["fp64_out"] }));
      expectGrpcValues(rowOf("FP64"), answer, [1, 2], ["0.1", "2.5"]);
      expectValues(
        rowOf("FP64"),
        await target.inferred(target.request({ tensors: { fp64: { data: "[0.1,2.5]" } }, outputs: ["fp64_out"] })),
        [1, 2],
        ["0.1", "2.5"],
      );
    },
  ),
  ...refused(),
  streamed("grpc-stream", "every request of a stream is answered", async (target) => {
    const ids = ["s1", "s2", "s3", "s4", "s5"];
    const { code, messages, details } = await open(
      target,
      ids.map((id, index) => ({ tensors: { int32: { values: [String(index), "0"] } }, outputs: ["int32_out"], fields: { id } })),
    );
    expect(code === 0 && messages.length === ids.length, "five answers and OK", `${messages.length}, ${code}: ${details}`);
    for (const [index, id] of ids.entries()) {
      const answer = messages.map((message) => message.infer_response as Message).find((response) => response?.id === id);
      expect(answer !== undefined, `an answer to ${id}`, messages);
      expectGrpcValues(rowOf("INT32"), answer, [1, 2], [String(index), "0"]);
    }
  }),
  streamed("grpc-stream-error", "a bad request of a stream is an error message, and the others are answered", async (target) => {
    const good = (id: string): GrpcAsked => ({ outputs: ["fp32_out"], fields: { id } });
    const { code, messages } = await open(target, [good("a"), { ...good("b"), outputs: ["no_such_output"] }, good("c")]);
    const errors = messages.filter(({ error_message }) => error_message !== "");
    // A server may end the stream with a status instead.
    if (code !== 0) return;
    expect(
      messages.length === 3 && errors.length === 1,
      "two answers and one error_message",
      messages.map(({ error_message }) => error_message),
    );
  }),
  streamed("grpc-stream-empty", "a stream without requests ends well", async (target) => {
    const { code, messages, details } = await open(target, []);
    expect(code === 0 && messages.length === 0, "OK and nothing", `${code}: ${details}`);
  }),
];

/** Requests with one thing wrong: a status that blames the caller, and the next call is answered. */
function refused(): Case[] {
  const section = "ModelInfer: errors are the status; gRPC status codes: INVALID_ARGUMENT";
  const short = { ...extra, contents: { fp32_contents: [1] } };
  const wrong: readonly (readonly [id: string, title: string, asked: GrpcAsked])[] = [
    ["unknown-model", "a model that is not there", { fields: { model_name: "no-such-model" } }],
    ["no-model", "no model", { fields: { model_name: "" } }],
    ["unknown-version", "a version that is not there", { fields: { model_version: "no-such-version" } }],
    ["unknown-input", "an input that the model has not", { more: [{ ...extra, name: "no_such_input" }] }],
    ["unknown-datatype", "a datatype that the protocol has not", { tensors: { fp32: { fields: { datatype: "FLOAT" } } } }],
    [
      "wrong-datatype",
      "another datatype than the model's",
      { without: ["fp32"], more: [{ ...extra, datatype: "INT32", contents: { int_contents: [1, 2] } }] },
    ],
    ["too-few", "fewer values than the shape says", { without: ["fp32"], more: [short] }],
    [
      "too-many",
      "more values than the shape says",
      { without: ["fp32"], more: [{ ...extra, contents: { fp32_contents: [1, 2, 3] } }] },
    ],
    [
      "wrong-contents",
      "contents of another datatype",
      { without: ["fp32"], more: [{ ...extra, contents: { int_contents: [1, 2] } }] },
    ],
    ["no-contents", "no contents", { without: ["fp32"], more: [{ ...extra, contents: null }] }],
    ["negative-shape", "a negative dimension", { tensors: { fp32: { shape: [-1, 2] } } }],
    ["huge-shape", "a shape of more values than memory has", { tensors: { fp32: { shape: ["4611686018427387904", 2] } } }],
    ["wrong-rank", "another rank than the model's", { tensors: { fp32: { shape: [2] } } }],
    ["wrong-size", "another size than the model's", { tensors: { fp32: { shape: [1, 3], values: ["1", "2", "3"] } } }],
    ["twice", "an input twice", { more: [extra] }],
    ["unknown-output", "an output that the model has not", { outputs: ["no_such_output"] }],
    ["raw-short", "raw contents shorter than the shape says", { raw: true, tensors: { fp32: { bytes: floats(1) } } }],
    ["raw-long", "raw contents longer than the shape says", { raw: true, tensors: { fp32: { bytes: floats(1, 2, 3) } } }],
    [
      "raw-bytes-cut",
      "a BYTES element that breaks off",
      { raw: true, tensors: { bytes: { bytes: Buffer.from([9, 0, 0, 0, 65]) } } },
    ],
    ["raw-few", "fewer raw contents than inputs", { raw: true, fields: { raw_input_contents: [floats(1, 2)] } }],
    [
      "raw-and-typed",
      "raw contents beside typed ones",
      { raw: true, tensors: { fp32: { fields: { contents: { fp32_contents: [1, 2] } } } } },
    ],
    [
      "uint8-range",
      "300 for UINT8",
      { without: ["uint8"], more: [{ name: "uint8", datatype: "UINT8", shape: [1, 2], contents: { uint_contents: [300, 1] } }] },
    ],
  ];
  // What only a model's signature tells, and what a server may coerce.
  const lenient = new Set(["unknown-input", "wrong-datatype", "wrong-rank", "wrong-size", "twice", "uint8-range"]);
  return [
    ...wrong.map(([id, title, asked]) =>
      grpc(`grpc-bad-${id}`, `${title} is an error`, section, async (target) => {
        const outcome = await grpcInfer(target, { outputs: ["fp32_out"], ...asked });
        if (outcome.code === 0 && lenient.has(id)) throw new NotApplicable("the server's model takes any tensors");
        if (id === "unknown-version") expect(outcome.code !== 0, "an error", outcome.code);
        else expectGrpcRefused(outcome);
        await grpcStillAnswers(target);
      }),
    ),
    grpc("grpc-bad-missing-input", "an input that the model needs and is not there is an error", section, async (target) => {
      const outcome = await grpcInfer(target, { without: ["fp32"], outputs: ["int32_out"] });
      if (outcome.code === 0) throw new NotApplicable("the server's model needs no input");
      expectGrpcRefused(outcome);
    }),
    grpc(
      "grpc-bad-message",
      "bytes that are no message are an error",
      "gRPC status codes: INVALID_ARGUMENT, or INTERNAL for what cannot be parsed",
      async (target) => {
        const { code } = await grpcOf(target).call(inference("ModelInfer"), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f, 1]));
        expect(code === 3 || code === 13 || code === 2, "INVALID_ARGUMENT or INTERNAL", code);
        await grpcStillAnswers(target);
      },
    ),
  ];
}

/** A case of streaming; n/a where there is none. */
function streamed(id: string, title: string, run: Case["run"]): Case {
  return stream(id, title, "ModelStreamInfer", async (target) => {
    const { code, messages } = await open(target, [{ outputs: ["fp32_out"] }]).catch(() => ({ code: 0, messages: [] }));
    if (code === 12) throw new NotApplicable("the server has no ModelStreamInfer");
    // MLServer has a method of the same name that answers with other messages.
    if (code === 0 && !messages.some(({ infer_response }) => (infer_response as Message | null)?.model_name === target.model))
      throw new NotApplicable("the server's ModelStreamInfer is not Triton's");
    await run(target);
  });
}

function open(target: Parameters<Case["run"]>[0], asked: readonly GrpcAsked[]) {
  return grpcOf(target).stream(
    streamInfer,
    asked.map((one) => grpcRequest(target, one)),
  );
}
