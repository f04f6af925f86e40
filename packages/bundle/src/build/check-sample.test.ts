import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signature } from "@slipway/spec";
import { checkSample } from "./check-sample.ts";

const signature: Signature = {
  inputs: [
    { name: "a", datatype: "FP32", shape: [-1, 2] },
    { name: "b", datatype: "BYTES", shape: [1] },
  ],
  outputs: [{ name: "y", datatype: "INT64", shape: [-1] }],
};
const a = { name: "a", datatype: "FP32", shape: [2, 2], data: [1, 2, 3, 4] };
const b = { name: "b", datatype: "BYTES", shape: [1], data: ["t"] };
const y = { name: "y", datatype: "INT64", shape: [2], data: [0, 1] };
const good = { request: { inputs: [a, b] }, response: { outputs: [y] } };

function check(sample: unknown): string[] {
  const text = typeof sample === "string" ? sample : JSON.stringify(sample);
  return checkSample("samples/1.json", Buffer.from(text), signature).map(({ path, message }) => `${path} ${message}`);
}

test("a sample that fits is taken: flat or nested, with a response or without", () => {
  assert.deepEqual(check(good), []);
  assert.deepEqual(
    check({
      request: {
        inputs: [
          b,
          {
            ...a,
            data: [
              [1, 2],
              [3, 4],
            ],
          },
        ],
      },
    }),
    [],
  );
});

test("all of its problems are told at once, each with its place", () => {
  const problems = check({
    note: "x",
    request: { inputs: [{ ...a, datatype: "INT8", data: [1, 2, 3] }, a, { ...b, name: "c" }, 7] },
    response: { outputs: [{ ...y, shape: [2, 1] }] },
  });
  const expected = [
    /: note Unknown field/,
    /: request\.inputs\[0\]\.datatype Expected FP32, found "INT8"/,
    /: request\.inputs\[0\]\.data Expected 4 values for shape \[2,2\], found 3/,
    /: request\.inputs\[1\]\.name Tensor "a" is there twice/,
    /: request\.inputs\[2\]\.name The model has no tensor "c" there; it has "a", "b"/,
    /: request\.inputs\[3\] Expected a tensor object/,
    /: request\.inputs Input "b" is missing/,
    /: response\.outputs\[0\]\.shape Expected \[-1\] \(-1: any\), found \[2,1\]/,
  ];
  assert.equal(problems.length, expected.length);
  for (const [i, pattern] of expected.entries()) assert.match(problems[i]!, pattern);
});

test("wrong shapes and data are named", () => {
  const shapes: unknown[] = [undefined, null, 2, [2], [2, 3], [2, 2, 1], [-1, 2], [1.5, 2], ["2", 2], [2 ** 63, 2]];
  for (const shape of shapes) assert.match(check({ request: { inputs: [{ ...a, shape }, b] } })[0]!, /inputs\[0\]\.shape/);
  for (const data of [undefined, null, {}, "1234"])
    assert.match(check({ request: { inputs: [{ ...a, data }, b] } })[0]!, /inputs\[0\]\.data/);
});

test("what is not a sample is named as such", () => {
  assert.match(check("")[0]!, /not JSON/);
  assert.match(check("{")[0]!, /not JSON/);
  assert.match(check("[]")[0]!, /Expected an object/);
  assert.match(check("{}")[0]!, /request Expected an inference request/);
  assert.match(check({ ...good, response: null })[0]!, /response Expected/);
  assert.match(check({ request: { inputs: {} } })[0]!, /Expected a list/);
  assert.match(check({ request: JSON.parse('{"__proto__": {"inputs": []}}') })[0]!, /Expected a list/);
  assert.match(checkSample("s", Buffer.from([0xff, 0xfe]), signature)[0]!.message, /not JSON/);
});

test("five million nested lists are refused before they are parsed", () => {
  assert.match(check("[".repeat(5_000_000))[0]!, /more than 64 deep/);
  assert.match(check(JSON.stringify({ request: "[".repeat(100) }))[0]!, /Expected an inference request/);
});
