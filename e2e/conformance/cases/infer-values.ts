import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { exact, held, type Row, rowOf, rows } from "../datatypes.ts";
import { expectRefused, expectValues, inferAnswer, outputOf, type Target } from "../target.ts";

const rest = casesOf("OIP v2 REST", "mandatory");

/** Values of each datatype, there and back. */
export const inferValueCases: readonly Case[] = [
  ...rows
    .filter(({ datatype }) => datatype !== "FP16")
    .flatMap((row) => [
      rest(`rest-${row.input}`, `${row.datatype} there and back`, `Tensor Data Types, ${row.datatype}`, (target) =>
        sample(target, row),
      ),
      rest(`rest-${row.input}-limits`, `${row.datatype} at the ends of its range is exact or refused`, exactly(row), (target) =>
        limits(target, row),
      ),
    ]),
  // "fp16 and bf16 are problematic to communicate explicitly since there is not a standard representation": refusing is right too.
  rest("rest-fp16", "FP16 as JSON is exact or refused", "Tensor Data: fp16 is problematic to communicate explicitly", (target) =>
    limitsOf(target, rowOf("FP16"), rowOf("FP16").sample),
  ),
  rest(
    "rest-fp16-limits",
    "FP16 at the ends of its range is exact or refused",
    "Tensor Data: fp16 is problematic to communicate explicitly",
    (target) => limits(target, rowOf("FP16")),
  ),
  ...rows
    .filter(({ datatype }) => ["FP32", "INT64", "BYTES", "BOOL"].includes(datatype))
    .map((row) =>
      rest(
        `rest-${row.input}-nested`,
        `${row.datatype} nested as the shape says is the same as flat`,
        "Tensor Data: multi-dimensional or flattened",
        (target) => {
          const [a, b] = row.sample;
          return target.echoes(row, [2, 2], `[[${a},${b}],[${b},${a}]]`, [a, b, b, a]);
        },
      ),
    ),
  ...[2, 7, 100].map((size) =>
    rest(`rest-batch-${size}`, `a batch of ${size}`, "Inference, shape; Tensor Data: row-major order", (target) => {
      const values = Array.from({ length: size * 2 }, (_, index) => String(index));
      return target.echoes(rowOf("INT32"), [size, 2], `[${values.join(",")}]`, values);
    }),
  ),
  rest("rest-batch-none", "a tensor without elements is echoed or refused", "Inference, shape", async (target) => {
    const answer = await target.infer(
      target.request({ tensors: { fp32: { shape: "[0,2]", data: "[]" } }, outputs: ["fp32_out"] }),
    );
    if (answer.status === 200) expectValues(rowOf("FP32"), inferAnswer(answer), [0, 2], []);
    else expectRefused(answer);
  }),
  rest("rest-large", "a tensor of 200,000 values", "Tensor Data", (target) => {
    const values = Array.from({ length: 200_000 }, (_, index) => String(index % 1000));
    return target.echoes(rowOf("FP32"), [100_000, 2], `[${values.join(",")}]`, values);
  }),
  ...strings(
    ["empty", "empty strings", ['""', '""']],
    ["unicode", "text beyond the basic plane, right-to-left and combining", ['"💡𝄞"', '"עברית e\u0301"']],
    ["escaped", "quotes, backslashes and line feeds", ['"a\\"b\\\\c"', '"\\r\\n\\t/\\/"']],
    ["escapes", "escape sequences are the characters they name", ['"\\u00e9\\ud83d\\ude00"', '"\\u0041"']],
    ["long", "a string of 100,000 characters", [JSON.stringify("x".repeat(100_000)), '"y"']],
    ["number-like", "strings that look like numbers stay strings", ['"1"', '"1e5"']],
    ["base64-like", "strings that look like base64 stay as they are", ['"aGVsbG8="', '"AAECAw=="']],
    ["spaces", "leading and trailing spaces", ['" a "', '"\\t"']],
  ),
  rest(
    "rest-bytes-nul",
    "BYTES: the character NUL is exact or refused",
    "RFC 8259 section 9: a parser may limit the character contents",
    (target) => limitsOf(target, rowOf("BYTES"), ['"a\\u0000b"', '"x"']),
  ),
  ...numbers(
    "FP32",
    ["fraction", "0.1 is the nearest FP32", ["0.1", "0.30000001192092896"]],
    ["exponent", "numbers with exponents", ["1e3", "2.5E-2"]],
    ["zero", "zero and minus zero", ["0", "-0.0"]],
    ["whole", "whole numbers for floats", ["3", "-7"]],
  ),
  ...numbers("FP64", ["digits", "17 digits", ["0.1234567890123456", "123456789012345.67"]]),
  ...[
    ["int8-out-of-range", "INT8", "128"],
    ["uint8-out-of-range", "UINT8", "300"],
    ["uint8-negative", "UINT8", "-1"],
    ["int32-fraction", "INT32", "1.5"],
    ["int32-out-of-range", "INT32", "2147483648"],
    ["int64-out-of-range", "INT64", "9223372036854775808"],
    ["uint64-negative", "UINT64", "-1"],
    ["fp32-text", "FP32", '"1"'],
    ["fp32-null", "FP32", "null"],
    ["fp32-object", "FP32", "{}"],
    ["fp32-out-of-range", "FP32", "1e39"],
    ["fp64-out-of-range", "FP64", "1e999"],
    ["bool-number", "BOOL", "2"],
    ["bytes-number", "BYTES", "1"],
  ].map(([id, datatype, text]) =>
    rest(
      `rest-value-${id}`,
      `${text} for ${datatype} is coerced or refused, never a fault of the server`,
      "Tensor Data: the server can coerce an element or return an error",
      async (target) => {
        const row = rowOf(datatype!);
        const answer = await target.infer(
          target.request({ tensors: { [row.input]: { data: `[${text},${row.sample[1]}]` } }, outputs: [`${row.input}_out`] }),
        );
        if (answer.status === 200) {
          const { data } = outputOf(inferAnswer(answer), `${row.input}_out`);
          expect(data?.length === 2 || data?.flat().length === 2, "two values", data);
        } else expectRefused(answer);
      },
    ),
  ),
  rest("rest-every-datatype", "all datatypes in one request", "Inference, inputs", async (target) => {
    const answer = await target.inferred(target.request());
    for (const row of rows) {
      if (!answer.outputs.some(({ name }) => name === `${row.input}_out`)) continue;
      const output = outputOf(answer, `${row.input}_out`);
      if (output.shape[0] === 1) expectValues(row, answer, [1, 2], row.sample);
    }
    expect(answer.outputs.length > 0, "outputs", answer.outputs);
  }),
];

function exactly({ datatype }: Row): string {
  return /64/.test(datatype)
    ? "Tensor Data Types; RFC 8259 section 6: a receiver may limit the range it accepts, not change a value in silence"
    : `Tensor Data Types, ${datatype}`;
}

function sample(target: Target, row: Row): Promise<void> {
  return target.echoes(row, [1, 2], `[${row.sample.join(",")}]`, row.sample);
}

function limits(target: Target, row: Row): Promise<void> {
  return limitsOf(target, row, row.limits);
}

/** Each value comes back exactly, or is refused with an error of the client's. */
async function limitsOf(target: Target, row: Row, values: readonly string[]): Promise<void> {
  let refused = 0;
  for (const value of values) {
    const answer = await target.infer(
      target.request({ tensors: { [row.input]: { data: `[${value},${value}]` } }, outputs: [`${row.input}_out`] }),
    );
    if (answer.status === 200) {
      const data = (outputOf(inferAnswer(answer), `${row.input}_out`).data ?? []).flat(9).map((got) => held(row, got));
      const wanted = held(row, exact(value));
      expect(data.length === 2 && data.every((got) => got === wanted), `${wanted} twice`, data);
    } else {
      expectRefused(answer);
      refused += 1;
    }
  }
  if (refused === values.length) throw new NotApplicable(`the server refuses ${row.datatype} as JSON`);
}

function strings(...cases: readonly (readonly [id: string, title: string, values: readonly [string, string]])[]): Case[] {
  const row = rowOf("BYTES");
  return cases.map(([id, title, values]) =>
    rest(`rest-bytes-${id}`, `BYTES: ${title}`, "Tensor Data: strings; RFC 8259 section 7", (target) =>
      target.echoes(row, [1, 2], `[${values.join(",")}]`, values),
    ),
  );
}

function numbers(
  datatype: string,
  ...cases: readonly (readonly [id: string, title: string, values: readonly [string, string]])[]
): Case[] {
  const row = rowOf(datatype);
  return cases.map(([id, title, values]) =>
    rest(`rest-${row.input}-${id}`, `${datatype}: ${title}`, "Tensor Data: numbers; RFC 8259 section 6", (target) =>
      target.echoes(row, [1, 2], `[${values.join(",")}]`, values),
    ),
  );
}
