import { binaryRequest, expectBytes, expectJson, floats, floatsOf, lengthHeader, takeApart, wantedOutputs } from "../binary.ts";
import { type Case, casesOf, expect } from "../case.ts";
import { encode, lengthPrefixed, rowOf, rows } from "../datatypes.ts";
import type { Answer } from "../http-client.ts";
import { expectRefused, type Target } from "../target.ts";

const document = "Triton binary tensor data extension";
const optional = casesOf(document, "optional");
const fp32 = rowOf("FP32");

/** A case of the extension; n/a where it is not announced. */
function binary(id: string, title: string, section: string, run: Case["run"]): Case {
  return optional(`binary-${id}`, title, section, async (target) => {
    target.needs("binary_tensor_data", "binary_tensor_data_extension");
    await run(target);
  });
}

/** Tensors as bytes behind the JSON, both ways. */
export const binaryTensorCases: readonly Case[] = [
  ...rows.map((row) =>
    binary(`${row.input}-both`, `${row.datatype} as bytes both ways is exact`, "HTTP/REST: raw little-endian", async (target) => {
      const bytes = encode(row, [...row.limits, ...row.limits]);
      const shape = [row.limits.length, 2];
      expectBytes(
        await ask(target, { [row.input]: { shape, bytes } }, { [`${row.input}_out`]: true }),
        `${row.input}_out`,
        bytes,
      );
    }),
  ),
  ...rows
    .filter(({ datatype }) => datatype !== "FP16")
    .flatMap((row) => [
      binary(`${row.input}-in`, `${row.datatype} as bytes in, JSON out`, "HTTP/REST: binary_data_size", async (target) => {
        const bytes = encode(row, row.sample);
        expectJson(
          await ask(target, { [row.input]: { shape: [1, 2], bytes } }, { [`${row.input}_out`]: undefined }),
          row,
          [1, 2],
          row.sample,
        );
      }),
      binary(`${row.input}-out`, `${row.datatype} as JSON in, bytes out`, "HTTP/REST: binary_data", async (target) => {
        const outputs = wantedOutputs({ [`${row.input}_out`]: true });
        const answer = await target.infer(target.request({ tensors: { [row.input]: {} }, fields: { outputs } }));
        expectBytes(answer, `${row.input}_out`, encode(row, row.sample));
      }),
    ]),
  binary(
    "mixed",
    "one input as bytes, the others as JSON; one output as bytes, one as JSON",
    "HTTP/REST: JSON and binary may be mixed",
    async (target) => {
      const bytes = floats(5, 6);
      const answer = await ask(
        target,
        { fp32: { shape: [1, 2], bytes } },
        { fp32_out: true, int32_out: false },
        { int32: { data: "[7,8]" } },
      );
      expectBytes(answer, "fp32_out", bytes);
      expectJson(answer, rowOf("INT32"), [1, 2], ["7", "8"]);
    },
  ),
  binary(
    "several",
    "several tensors follow in the order of the JSON",
    "HTTP/REST: data in the order of the inputs and outputs",
    async (target) => {
      const of = (datatype: string, values: string[]) => ({ shape: [1, 2], bytes: encode(rowOf(datatype), values) });
      const blobs = {
        int64: of("INT64", ["1", "2"]),
        fp32: of("FP32", ["3", "4"]),
        bytes: of("BYTES", ['"five"', '"six6"']),
        bool: of("BOOL", ["true", "false"]),
      };
      const answer = await ask(target, blobs, { bytes_out: true, int64_out: true, bool_out: true, fp32_out: true });
      for (const [name, { bytes }] of Object.entries(blobs)) expectBytes(answer, `${name}_out`, bytes);
    },
  ),
  binary("output-all", "binary_data_output makes every output binary", "HTTP/REST: binary_data_output", async (target) => {
    const answer = await target.infer(
      target.request({
        fields: {
          outputs: wantedOutputs({ fp32_out: undefined, int32_out: undefined }),
          parameters: '{"binary_data_output":true}',
        },
      }),
    );
    expectBytes(answer, "fp32_out", encode(fp32, fp32.sample));
    const { outputs } = takeApart(answer);
    for (const { name, parameters } of outputs)
      expect(typeof parameters?.binary_data_size === "number", `${name} as bytes`, parameters);
  }),
  binary(
    "output-override",
    "binary_data: false of an output is above binary_data_output",
    "HTTP/REST: binary_data overrides",
    async (target) => {
      const answer = await target.infer(
        target.request({
          fields: {
            outputs: wantedOutputs({ fp32_out: false, int32_out: undefined }),
            parameters: '{"binary_data_output":true}',
          },
        }),
      );
      expectJson(answer, fp32, [1, 2], fp32.sample);
      expectBytes(answer, "int32_out", encode(rowOf("INT32"), rowOf("INT32").sample));
    },
  ),
  binary(
    "default-json",
    "an output that nobody asked for as bytes is JSON",
    "HTTP/REST: binary_data is false by default",
    async (target) => {
      const answer = await ask(target, { fp32: { shape: [1, 2], bytes: floats(5, 6) } }, { fp32_out: undefined });
      expectJson(answer, fp32, [1, 2], ["5", "6"]);
    },
  ),
  binary(
    "header",
    "an answer with bytes says where its JSON ends",
    "HTTP/REST: Inference-Header-Content-Length",
    async (target) => {
      const { headers } = await ask(target, { fp32: { shape: [1, 2], bytes: floats(5, 6) } }, { fp32_out: true });
      expect(/^\d+$/.test(String(headers[lengthHeader])), `a number in ${lengthHeader}`, headers[lengthHeader]);
      expect(
        /^application\/octet-stream\b/.test(headers["content-type"] ?? ""),
        "content-type: application/octet-stream",
        headers["content-type"],
      );
    },
  ),
  binary("id", "an id comes back with bytes too", "OIP v2 REST, Inference, id", async (target) => {
    const { body, headers } = binaryRequest(
      target,
      { fp32: { shape: [1, 2], bytes: floats(5, 6) } },
      { fields: { id: '"b1"', outputs: wantedOutputs({ fp32_out: true }) } },
    );
    const answer = await target.infer(body, headers);
    const json = JSON.parse(answer.body.subarray(0, Number(answer.headers[lengthHeader])).toString()) as { id: unknown };
    expect(json.id === "b1", "id b1", json.id);
  }),
  binary(
    "all-json",
    "a header that says the whole body is JSON",
    "HTTP/REST: Inference-Header-Content-Length",
    async (target) => {
      const { body, headers } = binaryRequest(target, {}, { outputs: ["fp32_out"] });
      expectJson(await target.infer(body, headers), fp32, [1, 2], fp32.sample);
    },
  ),
  binary("alignment", "tensors may begin at any offset", "HTTP/REST: no padding is required", async (target) => {
    const row = rowOf("FP64");
    for (let pad = 0; pad < 8; pad += 1) {
      const { body, headers } = binaryRequest(
        target,
        { fp64: { shape: [1, 2], bytes: encode(row, row.sample) } },
        { outputs: ["fp64_out"] },
        pad,
      );
      expectJson(await target.infer(body, headers), row, [1, 2], row.sample);
    }
  }),
  binary("chunked", "a body in chunks", "RFC 9112 section 7.1", async (target) => {
    const { body, headers } = binaryRequest(
      target,
      { fp32: { shape: [1, 2], bytes: floats(5, 6) } },
      { fields: { outputs: wantedOutputs({ fp32_out: true }) } },
    );
    expectBytes(
      await target.http.send("POST", `${target.path}/infer`, {
        body,
        headers: { ...headers, "transfer-encoding": "chunked" },
        chunked: 97,
      }),
      "fp32_out",
      floats(5, 6),
    );
  }),
  binary("large", "two megabytes", "HTTP/REST", async (target) => {
    const bytes = floatsOf(Array.from({ length: 100_000 }, (_, index) => index));
    const five = Buffer.concat([bytes, bytes, bytes, bytes, bytes]);
    expectBytes(await ask(target, { fp32: { shape: [250_000, 2], bytes: five } }, { fp32_out: true }), "fp32_out", five);
  }),
  binary("none", "a tensor without elements is echoed or refused", "HTTP/REST: binary_data_size", async (target) => {
    const answer = await ask(target, { fp32: { shape: [0, 2], bytes: Buffer.alloc(0) } }, { fp32_out: true });
    if (answer.status === 200) expectBytes(answer, "fp32_out", Buffer.alloc(0));
    else expectRefused(answer);
  }),
  binary("nan", "NaN, infinities and minus zero as FP32", "HTTP/REST: raw IEEE 754", async (target) => {
    const bytes = floats(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0);
    const blob = takeApart(await ask(target, { fp32: { shape: [2, 2], bytes } }, { fp32_out: true })).blobs.get("fp32_out");
    const got = [0, 4, 8, 12].map((at) => blob?.readFloatLE(at));
    expect(
      Number.isNaN(got[0]) && got[1] === Number.POSITIVE_INFINITY && got[2] === Number.NEGATIVE_INFINITY && Object.is(got[3], -0),
      "NaN, Infinity, -Infinity, -0",
      got.map(String),
    );
  }),
  binary(
    "nan-as-json",
    "NaN in an answer of JSON: JSON all the same, or an error",
    "RFC 8259 section 6: NaN is not permitted",
    async (target) => {
      const answer = await ask(target, { fp32: { shape: [1, 2], bytes: floats(Number.NaN, 1) } }, { fp32_out: false });
      if (answer.status === 200) takeApart(answer);
      else
        expect(
          answer.status >= 400 && typeof (JSON.parse(answer.text) as { error: unknown }).error === "string",
          "an error object",
          answer.text,
        );
    },
  ),
  binary(
    "bytes-any",
    "BYTES that are not UTF-8 are exact or refused",
    "HTTP/REST: BYTES are 4 bytes of length and content",
    async (target) => {
      const bytes = Buffer.concat([
        lengthPrefixed(Buffer.from([0xff, 0xfe, 0x80, 0xc3])),
        lengthPrefixed(Buffer.from([0xed, 0xa0, 0x80])),
      ]);
      const answer = await ask(target, { bytes: { shape: [1, 2], bytes } }, { bytes_out: true });
      if (answer.status === 200) expectBytes(answer, "bytes_out", bytes);
      else expectRefused(answer);
    },
  ),
  ...refused(),
];

/** Lengths and sizes that do not fit; each an error, and the next request is answered. */
function refused(): Case[] {
  const good = { shape: [1, 2], bytes: floats(5, 6) };
  const section = "HTTP/REST: sizes must be those of the tensors";
  const withHeader = (value: string | undefined) => async (target: Target) => {
    const { body, headers } = binaryRequest(target, { fp32: good }, { outputs: ["fp32_out"] });
    const { [lengthHeader]: _, ...rest } = headers;
    return target.infer(body, value === undefined ? rest : { ...rest, [lengthHeader]: value });
  };
  const withBlob =
    (name: string, shape: readonly number[], bytes: Buffer, fields = {}) =>
    (target: Target) =>
      ask(target, { [name]: { shape, bytes, fields } }, { [`${name}_out`]: true });
  const text = (...lengths: number[]) =>
    Buffer.concat(lengths.map((length) => Buffer.concat([Buffer.from(Uint32Array.of(length).buffer), Buffer.from("abcd")])));
  const wrong: readonly (readonly [id: string, title: string, ask: (target: Target) => Promise<Answer>])[] = [
    ["header-zero", "a JSON length of 0", withHeader("0")],
    ["header-negative", "a negative JSON length", withHeader("-1")],
    ["header-beyond", "a JSON length beyond the body", withHeader("1000000")],
    ["header-text", "a JSON length that is no number", withHeader("abc")],
    ["header-short", "a JSON length that cuts the JSON", withHeader("10")],
    ["header-missing", "tensors without a JSON length", withHeader(undefined)],
    ["size-small", "fewer bytes than the shape needs", withBlob("fp32", [1, 2], floats(5))],
    ["size-large", "more bytes than the shape needs", withBlob("fp32", [1, 2], floats(5, 6, 7))],
    ["size-odd", "a size that is no multiple of an element", withBlob("fp32", [1, 2], floats(5, 6).subarray(0, 7))],
    ["size-negative", "a negative size", withBlob("fp32", [1, 2], floats(5, 6), { parameters: '{"binary_data_size":-8}' })],
    ["size-text", "a size that is no number", withBlob("fp32", [1, 2], floats(5, 6), { parameters: '{"binary_data_size":"8"}' })],
    ["size-beyond", "a size beyond the body", withBlob("fp32", [1, 2], floats(5, 6), { parameters: '{"binary_data_size":800}' })],
    [
      "rest",
      "bytes that belong to no tensor",
      async (target) => {
        const { body, headers } = binaryRequest(target, { fp32: good }, { outputs: ["fp32_out"] });
        return target.infer(Buffer.concat([body, Buffer.from("rest")]), headers);
      },
    ],
    ["data-and-size", "data beside binary_data_size", withBlob("fp32", [1, 2], floats(5, 6), { data: "[5,6]" })],
    ["bytes-beyond", "a BYTES element longer than what is there", withBlob("bytes", [1, 2], text(4, 400))],
    ["bytes-few", "fewer BYTES elements than the shape needs", withBlob("bytes", [1, 2], text(4))],
    ["bytes-many", "more BYTES elements than the shape needs", withBlob("bytes", [1, 2], text(4, 4, 4))],
    ["bytes-cut", "a BYTES length that breaks off", withBlob("bytes", [1, 2], Buffer.concat([text(4), Buffer.from([1, 0])]))],
    ["huge-shape", "a shape of more values than memory has", withBlob("fp32", [2 ** 40, 2], floats(5, 6))],
  ];
  return wrong.map(([id, title, run]) =>
    binary(`bad-${id}`, `${title} is an error`, section, async (target) => {
      expectRefused(await run(target));
      expectBytes(await ask(target, { fp32: good }, { fp32_out: true }), "fp32_out", good.bytes);
    }),
  );
}

function ask(
  target: Target,
  blobs: Parameters<typeof binaryRequest>[1],
  outputs: Readonly<Record<string, boolean | undefined>>,
  tensors = {},
): Promise<Answer> {
  const needed = Object.fromEntries(Object.keys(outputs).map((name) => [name.slice(0, -4), {}]));
  const { body, headers } = binaryRequest(target, blobs, {
    tensors: { ...needed, ...tensors },
    fields: { outputs: wantedOutputs(outputs) },
  });
  return target.infer(body, headers);
}
