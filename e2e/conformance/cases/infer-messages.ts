import { type Case, casesOf, expect } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { tensorText } from "../request.ts";
import {
  expectErrorObject,
  expectNoVersion,
  expectRefused,
  expectValues,
  inferAnswer,
  outputOf,
  type Target,
} from "../target.ts";

const rest = casesOf("OIP v2 REST", "mandatory");
const fp32 = rowOf("FP32");
const int32 = rowOf("INT32");

/** What a request and its answer hold besides values. */
export const inferMessageCases: readonly Case[] = [
  rest("rest-model-name", "model_name is the model's", "Inference, $inference_response", async (target) => {
    const { model_name } = await target.inferred(target.request({ outputs: ["fp32_out"] }));
    expect(model_name === target.model, target.model, model_name);
  }),
  rest(
    "rest-model-version",
    "model_version, if any, is one that metadata names",
    "Inference, $inference_response",
    async (target) => {
      const { model_version } = await target.inferred(target.request({ outputs: ["fp32_out"] }));
      if (model_version === undefined || model_version === null) return;
      expect(typeof model_version === "string", "a string", model_version);
      if (target.versions.length > 0)
        expect(target.versions.includes(model_version), target.versions.join(" or "), model_version);
    },
  ),
  rest("rest-infer-version", "a version that metadata names infers", "Inference, MODEL_VERSION", async (target) => {
    for (const path of target.versionPaths) {
      expectValues(
        fp32,
        await target.inferred(target.request({ outputs: ["fp32_out"] }), {}, `${path}/infer`),
        [1, 2],
        fp32.sample,
      );
    }
  }),
  rest("rest-infer-unknown-version", "a version that is not there is an error", "Inference, MODEL_VERSION", async (target) =>
    expectNoVersion(await target.infer(target.request(), {}, `${target.path}/versions/no-such-version/infer`)),
  ),
  rest("rest-infer-unknown-model", "a model that is not there is an error", "Inference, MODEL_NAME", async (target) =>
    expectRefused(await target.infer(target.request(), {}, "/v2/models/no-such-model/infer")),
  ),
  ...[
    ["", '"request-1"', "request-1"],
    ["-unicode", '"ид 💡 \\"q\\""', 'ид 💡 "q"'],
    ["-long", JSON.stringify("i".repeat(1000)), "i".repeat(1000)],
    ["-number-like", '"007"', "007"],
  ].map(([suffix, text, id]) =>
    rest(
      `rest-id${suffix}`,
      `an id${suffix!.replace("-", ", ")} is given back`,
      "Inference, id: if specified it must be returned",
      async (target) => {
        const answer = await target.inferred(target.request({ outputs: ["fp32_out"], fields: { id: text } }));
        expect(answer.id === id, `id ${text}`, answer.id);
      },
    ),
  ),
  rest(
    "rest-id-absent",
    "without an id there is none, or one that the server made",
    "Inference, id: optional",
    async (target) => {
      const { id } = await target.inferred(target.request({ outputs: ["fp32_out"] }));
      expect(id === undefined || id === null || typeof id === "string", "no id or a string", id);
    },
  ),
  rest("rest-id-concurrent", "answers of concurrent requests are not mixed up", "Inference, id", async (target) => {
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const values = [String(index), String(-index)];
        const answer = await target.inferred(
          target.request({
            tensors: { int32: { data: `[${values.join(",")}]` } },
            outputs: ["int32_out"],
            fields: { id: `"r${index}"` },
          }),
        );
        expect(answer.id === `r${index}`, `id r${index}`, answer.id);
        expectValues(int32, answer, [1, 2], values);
      }),
    );
  }),
  rest("rest-outputs-all", "without outputs all come", "Inference, outputs: if not specified, all", async (target) => {
    const answer = await target.inferred(target.request());
    for (const name of ["fp32_out", "int64_out", "bytes_out"]) {
      // Servers of the echo kind give what they were given; these are always given where the model needs all.
      if (target.request().includes(`"${name.slice(0, -4)}"`)) outputOf(answer, name);
    }
  }),
  rest("rest-outputs-one", "only the wanted output comes", "Inference, $request_output", async (target) =>
    wanted(target, ["int32_out"]),
  ),
  rest("rest-outputs-two", "only the wanted outputs come, in whatever order", "Inference, $request_output", async (target) =>
    wanted(target, ["int32_out", "bool_out"]),
  ),
  rest("rest-outputs-order", "outputs wanted in another order than the model's", "Inference, $request_output", async (target) =>
    wanted(target, ["bytes_out", "bool_out", "fp64_out"]),
  ),
  rest("rest-outputs-parameters", "an output with empty parameters", "Inference, $request_output, parameters", async (target) => {
    const answer = await target.inferred(target.request({ fields: { outputs: '[{"name":"fp32_out","parameters":{}}]' } }));
    expectValues(fp32, answer, [1, 2], fp32.sample);
  }),
  rest(
    "rest-outputs-unknown",
    "an output that the model has not is an error",
    "Inference, $request_output, name",
    async (target) => expectRefused(await target.infer(target.request({ outputs: ["no_such_output"] }))),
  ),
  rest(
    "rest-output-shape",
    "an output's data has as many values as its shape says",
    "Inference, $response_output",
    async (target) => {
      const { outputs } = await target.inferred(target.request({ outputs: ["fp32_out", "int64_out"] }));
      for (const { shape, data, name } of outputs) {
        const count = shape.reduce((product, size) => product * size, 1);
        expect(data?.flat(9).length === count, `${count} values of ${name}`, data);
      }
    },
  ),
  rest("rest-output-datatype", "an output's datatype is the one of metadata", "Inference, $response_output", async (target) => {
    for (const { name, datatype } of (await target.inferred(target.request())).outputs) {
      const row = rowOf(String(name).replace(/_out$/, "").toUpperCase());
      if (row !== undefined) expect(datatype === row.datatype, `${name} of ${row.datatype}`, datatype);
    }
  }),
  rest("rest-infer-type", "an answer is sent as JSON", "HTTP/REST: JSON; RFC 9110 section 8.3", async (target) => {
    const { headers } = await target.infer(target.request({ outputs: ["fp32_out"] }));
    expect(
      /^application\/json\b/i.test(headers["content-type"] ?? ""),
      "content-type: application/json",
      headers["content-type"],
    );
  }),
  rest("rest-inputs-order", "inputs in another order are the same", "Inference, inputs: by name", async (target) => {
    const first = tensorText({ name: '"fp32"', shape: "[1,2]", datatype: '"FP32"', data: "[5,6]" });
    const text = target.request({ without: ["fp32"], more: [first], outputs: ["fp32_out"] });
    expectValues(fp32, await target.inferred(text), [1, 2], ["5", "6"]);
    expectValues(
      fp32,
      await target.inferred(target.request({ tensors: { fp32: { data: "[5,6]" } }, outputs: ["fp32_out"] })),
      [1, 2],
      ["5", "6"],
    );
  }),
  rest(
    "rest-keys-order",
    "members of an object in another order are the same",
    "Inference; RFC 8259 section 4: objects are unordered",
    async (target) => {
      const turned = `{"data":[5,6],"datatype":"FP32","shape":[1,2],"name":"fp32"}`;
      expectValues(
        fp32,
        await target.inferred(target.request({ without: ["fp32"], more: [turned], outputs: ["fp32_out"] })),
        [1, 2],
        ["5", "6"],
      );
    },
  ),
  rest("rest-whitespace", "white space between tokens does not matter", "RFC 8259 section 2", async (target) => {
    const whole = target
      .request({ outputs: ["fp32_out"] })
      .replaceAll('","', '" ,\r\n\t "')
      .replace("{", " { ");
    expectValues(fp32, await target.inferred(`\n ${whole} \n`), [1, 2], fp32.sample);
  }),
  rest(
    "rest-escaped-names",
    "names in escape sequences are the names",
    "RFC 8259 section 8.3: string comparison",
    async (target) => {
      const text = target
        .request({ outputs: ["fp32_out"] })
        .replace('"fp32"', '"\\u0066p32"')
        .replace('"inputs"', '"\\u0069nputs"');
      expectValues(fp32, await target.inferred(text), [1, 2], fp32.sample);
    },
  ),
  rest(
    "rest-parameters-empty",
    "empty parameters of a request and a tensor are accepted",
    "Inference, parameters: optional",
    async (target) => {
      const answer = await target.inferred(
        target.request({ tensors: { fp32: { parameters: "{}" } }, outputs: ["fp32_out"], fields: { parameters: "{}" } }),
      );
      expectValues(fp32, answer, [1, 2], fp32.sample);
    },
  ),
  rest("rest-parameters-unknown", "an unknown parameter is ignored or refused", "Parameters: server-specific", async (target) => {
    const answer = await target.infer(
      target.request({ outputs: ["fp32_out"], fields: { parameters: '{"no_such_parameter":true}' } }),
    );
    if (answer.status === 200) expectValues(fp32, inferAnswer(answer), [1, 2], fp32.sample);
    else expectRefused(answer);
  }),
  rest(
    "rest-no-content-type",
    "a body without a content type is read as JSON or refused",
    "RFC 9110 section 8.3",
    async (target) => {
      const answer = await target.http.send("POST", `${target.path}/infer`, { body: target.request({ outputs: ["fp32_out"] }) });
      if (answer.status === 200) expectValues(fp32, inferAnswer(answer), [1, 2], fp32.sample);
      else expectErrorObject(answer);
    },
  ),
  rest("rest-charset", "application/json with charset=utf-8", "RFC 9110 section 8.3.1", async (target) => {
    const answer = await target.inferred(target.request({ outputs: ["fp32_out"] }), {
      "content-type": "application/json; charset=utf-8",
    });
    expectValues(fp32, answer, [1, 2], fp32.sample);
  }),
  rest("rest-repeated", "the same request has the same answer", "Inference", async (target) => {
    const text = target.request({ outputs: ["fp32_out", "bytes_out"], fields: { id: '"same"' } });
    const [first, second] = [await target.inferred(text), await target.inferred(text)];
    expect(JSON.stringify(first.outputs) === JSON.stringify(second.outputs), "equal outputs", second.outputs);
  }),
];

async function wanted(target: Target, names: readonly string[]): Promise<void> {
  const { outputs } = await target.inferred(
    target.request({ tensors: Object.fromEntries(names.map((name) => [name.slice(0, -4), {}])), outputs: names }),
  );
  const got = outputs.map(({ name }) => name).sort();
  expect(JSON.stringify(got) === JSON.stringify([...names].sort()), names.join(" and "), got);
}
