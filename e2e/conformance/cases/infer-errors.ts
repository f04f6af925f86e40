import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { type Asked, tensorText } from "../request.ts";
import { expectRefused, expectValues, inferAnswer, type Target } from "../target.ts";

const rest = casesOf("OIP v2 REST", "mandatory");
const failed = "Inference: a failed request is an HTTP error status and $inference_error_response";
const extra = tensorText({ name: '"fp32"', shape: "[1,2]", datatype: '"FP32"', data: "[1,2]" });

/** Bodies that no server can make sense of. */
const broken: readonly (readonly [id: string, title: string, body: string | Buffer])[] = [
  ["empty", "an empty body", ""],
  ["not-json", "a body that is not JSON", "inputs=1"],
  ["truncated", "JSON that breaks off", '{"inputs": [{"name": "fp32", "shape": [1,2'],
  ["trailing", "JSON with something behind it", '{"inputs": []} x'],
  ["array", "an array instead of an object", "[]"],
  ["string", "a string instead of an object", '"inputs"'],
  ["null", "null instead of an object", "null"],
  ["no-inputs", "no inputs", "{}"],
  ["inputs-object", "inputs that are no array", '{"inputs": {}}'],
  ["inputs-null", "inputs that are null", '{"inputs": null}'],
  ["inputs-strings", "inputs that are no objects", '{"inputs": ["fp32"]}'],
  ["not-utf8", "JSON that is not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ["deep", "JSON nested 100,000 deep", `{"inputs":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
];

/** Requests with one thing wrong, as changes of a good one. */
const wrong: readonly (readonly [id: string, title: string, asked: Asked])[] = [
  ["no-name", "an input without a name", { tensors: { fp32: { name: undefined } } }],
  ["unknown-input", "an input that the model has not", { without: ["fp32"], more: [extra.replace('"fp32"', '"no_such_input"')] }],
  ["name-case", "an input's name in another case", { without: ["fp32"], more: [extra.replace('"fp32"', '"FP32"')] }],
  ["name-number", "an input's name that is no string", { tensors: { fp32: { name: "1" } } }],
  ["no-shape", "an input without a shape", { tensors: { fp32: { shape: undefined } } }],
  ["no-datatype", "an input without a datatype", { tensors: { fp32: { datatype: undefined } } }],
  ["unknown-datatype", "a datatype that the protocol has not", { tensors: { fp32: { datatype: '"FLOAT"' } } }],
  ["datatype-case", "a datatype in lower case", { tensors: { fp32: { datatype: '"fp32"' } } }],
  ["wrong-datatype", "another datatype than the model's", { tensors: { fp32: { datatype: '"BYTES"', data: '["a","b"]' } } }],
  ["no-data", "an input without data", { tensors: { fp32: { data: undefined } } }],
  ["data-string", "data that is no array", { tensors: { fp32: { data: '"1,2"' } } }],
  ["too-few", "fewer values than the shape says", { tensors: { fp32: { data: "[1]" } } }],
  ["too-many", "more values than the shape says", { tensors: { fp32: { data: "[1,2,3]" } } }],
  ["ragged", "rows of unequal length", { tensors: { fp32: { shape: "[2,2]", data: "[[1,2],[3]]" } } }],
  ["negative-shape", "a negative dimension", { tensors: { fp32: { shape: "[-1,2]" } } }],
  ["fraction-shape", "a dimension that is no whole number", { tensors: { fp32: { shape: "[1.5,2]" } } }],
  ["text-shape", "a dimension that is no number", { tensors: { fp32: { shape: '["one",2]' } } }],
  ["null-shape", "a shape of null", { tensors: { fp32: { shape: "null" } } }],
  ["huge-shape", "a shape of more values than memory has", { tensors: { fp32: { shape: "[4611686018427387904,2]" } } }],
  [
    "overflow-shape",
    "a shape whose product overflows 64 bits",
    { tensors: { fp32: { shape: "[4294967296,4294967297]", data: "[]" } } },
  ],
  ["wrong-rank", "another rank than the model's", { tensors: { fp32: { shape: "[2]" } } }],
  ["wrong-size", "another size than the model's", { tensors: { fp32: { shape: "[1,3]", data: "[1,2,3]" } } }],
  ["twice", "an input twice", { more: [extra] }],
  ["outputs-string", "outputs that are no array", { fields: { outputs: '"fp32_out"' } }],
  ["outputs-no-name", "an output without a name", { fields: { outputs: "[{}]" } }],
  ["id-object", "an id that is no string", { fields: { id: "{}" } }],
];

/** Clauses about the model's own signature: a server that only passes tensors on cannot know. */
const needsSignature = new Set(["unknown-input", "name-case", "wrong-datatype", "wrong-rank", "wrong-size", "twice"]);

/** Every kind of bad request: a status of the client's errors, an error object, and the next request is answered. */
export const inferErrorCases: readonly Case[] = [
  ...broken.map(([id, title, body]) =>
    rest(`rest-bad-${id}`, `${title} is an error`, failed, async (target) => {
      expectRefused(await target.infer(body));
      await stillAnswers(target);
    }),
  ),
  ...wrong.map(([id, title, asked]) =>
    rest(`rest-bad-${id}`, `${title} is an error`, failed, async (target) => {
      const answer = await target.infer(
        target.request({ outputs: asked.fields?.outputs === undefined ? ["fp32_out"] : undefined, ...asked } as Asked),
      );
      if (answer.status === 200 && needsSignature.has(id)) throw new NotApplicable("the server's model takes any tensors");
      expectRefused(answer);
      await stillAnswers(target);
    }),
  ),
  rest("rest-bad-missing-input", "an input that the model needs and is not there is an error", failed, async (target) => {
    const answer = await target.infer(target.request({ without: ["fp32"], tensors: { int32: {} }, outputs: ["int32_out"] }));
    if (answer.status === 200) throw new NotApplicable("the server's model needs no input");
    expectRefused(answer);
    await stillAnswers(target);
  }),
  rest(
    "rest-bad-not-utf8-string",
    "a string that is not UTF-8 is an error, not another string",
    "RFC 8259 section 8.1: must be UTF-8",
    async (target) => {
      const text = target.request({ tensors: { bytes: { data: '["a~b","c"]' } }, outputs: ["bytes_out"] });
      expectRefused(await target.infer(Buffer.from(text.replace("a~b", "a\xffb"), "latin1")));
      await stillAnswers(target);
    },
  ),
  rest("rest-bad-nan", "NaN, which is not JSON, is refused or taken for NaN", "RFC 8259 sections 6 and 9", async (target) => {
    const answer = await target.infer(target.request({ tensors: { fp32: { data: "[NaN,1]" } }, outputs: ["fp32_out"] }));
    // A parser may accept extensions; how NaN then comes back is not JSON's to say.
    if (answer.status === 200) return;
    expectRefused(answer);
    await stillAnswers(target);
  }),
  rest(
    "rest-bad-duplicate-member",
    "a member twice is refused or one of both is taken",
    "RFC 8259 section 4: behaviour is unpredictable",
    async (target) => {
      const answer = await target.infer(
        target
          .request({ outputs: ["fp32_out"] })
          .replace("{", '{"id":"a",')
          .replace(/\}$/, ',"id":"b"}'),
      );
      if (answer.status !== 200) return expectRefused(answer);
      const { id } = inferAnswer(answer);
      expect(id === "a" || id === "b", "id a or b", id);
    },
  ),
  rest("rest-bad-prototype", "members called __proto__ and constructor do no harm", failed, async (target) => {
    const answer = await target.infer(
      target
        .request({ outputs: ["fp32_out"], fields: { constructor: '{"prototype":{"a":1}}', __proto__x: "1" } })
        .replace("__proto__x", "__proto__"),
    );
    if (answer.status !== 200) expectRefused(answer);
    await stillAnswers(target);
  }),
];

/** A bad request leaves nothing behind. */
async function stillAnswers(target: Target): Promise<void> {
  const row = rowOf("FP32");
  expectValues(row, await target.inferred(target.request({ outputs: ["fp32_out"] })), [1, 2], row.sample);
}
