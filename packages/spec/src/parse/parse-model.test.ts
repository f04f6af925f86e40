import assert from "node:assert/strict";
import { test } from "node:test";
import { smallModel } from "../test-data/full-resources.ts";
import { type ParseSource, parse } from "./parse.ts";

/** `path: message` of every problem. */
function problems(value: unknown, source: ParseSource = "api"): string[] {
  const parsed = parse("Model", value, { source });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`);
}

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test("parse() fills in the defaults of a Model", () => {
  const parsed = parse("Model", smallModel(), { source: "api" });
  assert.deepEqual(parsed, {
    ok: true,
    value: {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name: "digits" },
      spec: {
        source: { bundle: digest },
        parameters: {},
        resources: {},
        scaling: { minReplicas: 1 },
        samples: { verify: true, tolerance: { absolute: 1e-5, relative: 1e-5 } },
      },
    },
  });
});

test("parse() does not change its input", () => {
  const input = smallModel({ resources: { cpu: 1, memory: null } });
  const before = structuredClone(input);
  parse("Model", input, { source: "api" });
  assert.deepEqual(input, before);
});

const good: [what: string, spec: Record<string, unknown>][] = [
  ["a bundle with a name", { source: { bundle: `digits@${digest}` } }],
  ["a bundle with registry, port and tag", { source: { bundle: `registry.example:5000/team/digits:v1.2@${digest}` } }],
  ["a plain number as quantity", { resources: { cpu: 0.5, memory: 1073741824 } }],
  ["quantities in other units", { resources: { cpu: "1e-1", memory: "1.5Gi" } }],
  ["as many replicas as the default allows", { replicas: 10 }],
  ["as many replicas as min when it is above the default maximum", { scaling: { minReplicas: 40 }, replicas: 40 }],
  ["the most replicas there can be", { scaling: { minReplicas: 1000, maxReplicas: 1000 } }],
  ["no pin", { traffic: [] }],
  ["a pin in percent text", { traffic: [{ revision: "digits-1a2b3c4d5e", percent: "100%" }] }],
  [
    "a share of nothing",
    {
      traffic: [
        { revision: "digits-1a2b3c4d5e", percent: 0 },
        { revision: "digits-1a2b3c4d5f", percent: 100 },
      ],
    },
  ],
  ["a scalar tensor", { signature: { inputs: [{ name: "x", datatype: "FP64", shape: [] }], outputs: [] } }],
  ["null for not set", { replicas: null, scaling: null, resources: { cpu: null }, parameters: { a: null } }],
];

for (const [what, spec] of good) {
  test(`parse() takes ${what}`, () => assert.deepEqual(problems(smallModel(spec)), []));
}

const share = "expected a whole number from 0 to 100, or text such as 90%";
const shareOf = (percent: unknown) => ({ traffic: [{ revision: "digits-1a2b3c4d5e", percent }] });

const bad: [what: string, spec: Record<string, unknown>, problems: string[]][] = [
  [
    "no source",
    { source: {} },
    [
      "spec.source.bundle: required: expected sha256: and 64 lower-case hexadecimal digits (in a file for the slipway command, path or uri may stand instead)",
    ],
  ],
  [
    "a path from the API",
    { source: { path: "./digits" } },
    [
      "spec.source.path: a path is read by the slipway command only; use `slipway apply -f FILE`, or `slipway build -f FILE -o yaml` and apply what it prints",
    ],
  ],
  [
    "a digest with upper case",
    { source: { bundle: `sha256:${"A".repeat(64)}` } },
    [
      `spec.source.bundle: expected sha256: and 64 lower-case hexadecimal digits, with NAME@ before it if you like; found the text "sha256:${"A".repeat(64)}"`,
    ],
  ],
  [
    "a digest that is a path",
    { source: { bundle: "sha256:../../etc/x" } },
    [
      'spec.source.bundle: expected sha256: and 64 lower-case hexadecimal digits, with NAME@ before it if you like; found the text "sha256:../../etc/x"',
    ],
  ],
  [
    "a bundle name with a path outside",
    { source: { bundle: `../digits@${digest}` } },
    [
      `spec.source.bundle: expected a lower-case name such as digits or registry.example/team/digits before the @, found the text "../digits@${digest}"`,
    ],
  ],
  [
    "scaling from zero",
    { scaling: { minReplicas: 0 } },
    ["spec.scaling.minReplicas: expected at least 1, found 0: scaling from zero is not there yet"],
  ],
  [
    "a negative minimum",
    { scaling: { minReplicas: -1 } },
    ["spec.scaling.minReplicas: expected at least 1, found the number -1"],
  ],
  [
    "half a replica",
    { scaling: { minReplicas: 1.5 } },
    ["spec.scaling.minReplicas: expected a whole number, found the number 1.5"],
  ],
  [
    "replicas as text",
    { scaling: { minReplicas: "1" } },
    ['spec.scaling.minReplicas: expected a whole number, found the text "1"'],
  ],
  [
    "a million replicas",
    { scaling: { maxReplicas: 1e6 } },
    ["spec.scaling.maxReplicas: expected at most 1000, found the number 1000000"],
  ],
  [
    "min above max",
    { scaling: { minReplicas: 5, maxReplicas: 3 } },
    ["spec.scaling.minReplicas: expected at most maxReplicas, which is 3; found 5"],
  ],
  [
    "replicas above max",
    { scaling: { maxReplicas: 3 }, replicas: 4 },
    ["spec.replicas: expected at most scaling.maxReplicas, which is 3; found 4"],
  ],
  [
    "replicas above the default max",
    { replicas: 11 },
    ["spec.replicas: expected at most scaling.maxReplicas, which is 10 when not set; found 11"],
  ],
  ["no CPU", { resources: { cpu: "0" } }, ['spec.resources.cpu: expected at least 1m (cores), found the text "0"']],
  ["no CPU as a number", { resources: { cpu: 0 } }, ['spec.resources.cpu: expected at least 1m (cores), found the text "0"']],
  [
    "1e9Gi",
    { resources: { memory: "1e9Gi" } },
    [
      'spec.resources.memory: expected a quantity of bytes such as 256Mi (a number, then nothing or one of n u m k M G T P E Ki Mi Gi Ti Pi Ei), found the text "1e9Gi"',
    ],
  ],
  [
    "memory in thousandths of a byte",
    { resources: { memory: "256m" } },
    ['spec.resources.memory: expected at least 1Mi (bytes), found the text "256m"; did you mean "256Mi"?'],
  ],
  [
    "half a byte",
    { resources: { memory: "1048576.5" } },
    ['spec.resources.memory: expected a whole number of bytes, found the text "1048576.5"'],
  ],
  ["memory as a list", { resources: { memory: ["1Gi"] } }, ["spec.resources.memory: expected text, found a list"]],
  ["a share of -1", shareOf(-1), [`spec.traffic[0].percent: ${share}; found the number -1`]],
  ["a share of 101", shareOf(101), [`spec.traffic[0].percent: ${share}; found the number 101`]],
  ["a share of NaN", shareOf(Number.NaN), [`spec.traffic[0].percent: ${share}; found the number NaN`]],
  ["a share of 12.5", shareOf(12.5), [`spec.traffic[0].percent: ${share}; found the number 12.5`]],
  ["a share of 101%", shareOf("101%"), [`spec.traffic[0].percent: ${share}; found the text "101%"`]],
  ["a share without a sign", shareOf("90"), [`spec.traffic[0].percent: ${share}; found the text "90"`]],
  ["a share that is an object", shareOf({}), [`spec.traffic[0].percent: ${share}; found an object`]],
  ["no share", shareOf(undefined), [`spec.traffic[0].percent: required: ${share}`]],
  ["shares that do not add up", shareOf(99), ["spec.traffic: expected percents that add up to 100, found 99"]],
  [
    "the same revision twice",
    {
      traffic: [
        { revision: "digits-1a2b3c4d5e", percent: 50 },
        { revision: "digits-1a2b3c4d5e", percent: 50 },
      ],
    },
    ['spec.traffic[1].revision: "digits-1a2b3c4d5e" is already at spec.traffic[0]'],
  ],
  [
    "a revision of another model",
    { traffic: [{ revision: "letters-1a2b3c4d5e", percent: 100 }] },
    [
      'spec.traffic[0].revision: expected a revision of this model, whose names begin with "digits-"; found the text "letters-1a2b3c4d5e"',
    ],
  ],
  [
    "a parameter that is a number",
    { parameters: { k: 3 } },
    ['spec.parameters.k: expected text, found the number 3; put it in quotes: "3"'],
  ],
  [
    "a datatype with a slip",
    { signature: { inputs: [{ name: "x", datatype: "FP23", shape: [-2] }], outputs: [] } },
    [
      'spec.signature.inputs[0].datatype: expected one of "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES", found the text "FP23"; did you mean "FP32"?',
      "spec.signature.inputs[0].shape[0]: expected at least -1, found the number -2",
    ],
  ],
  [
    "an empty signature",
    { signature: {} },
    ["spec.signature.inputs: required: expected a list", "spec.signature.outputs: required: expected a list"],
  ],
  [
    "a field at the wrong place",
    { minReplicas: 2 },
    ['spec.minReplicas: unknown field; did you mean "spec.scaling.minReplicas"?'],
  ],
  [
    "a field in the wrong case",
    { scaling: { min_replicas: 2 } },
    ['spec.scaling.min_replicas: unknown field; did you mean "minReplicas"?'],
  ],
  [
    "a field from nowhere",
    { scaling: { aardvark: 1 } },
    ["spec.scaling.aardvark: unknown field; expected one of minReplicas, maxReplicas, metrics"],
  ],
  ["an unknown field that is null", { replcas: null }, ['spec.replcas: unknown field; did you mean "replicas"?']],
];

for (const [what, spec, expected] of bad) {
  test(`parse() refuses ${what}`, () => assert.deepEqual(problems(smallModel(spec)), expected));
}

test("parse() takes a path from the command line, but not beside a bundle or an image", () => {
  assert.deepEqual(problems(smallModel({ source: { path: "./digits" } }), "cli"), []);
  assert.deepEqual(problems(smallModel({ source: { path: "./digits", bundle: digest } }), "cli"), [
    "spec.source.path: bundle and path exclude each other; keep one",
  ]);
  assert.deepEqual(problems(smallModel({ source: { path: "./digits", image: `registry.example/digits@${digest}` } }), "cli"), [
    "spec.source.path: image and path exclude each other: an image holds a bundle that is built already; keep one",
  ]);
});

test("parse() takes a uri as it takes a path, but not both", () => {
  const uri = "hf://team/digits";
  assert.deepEqual(problems(smallModel({ source: { uri } }), "cli"), []);
  const wrong = [
    [{ uri, path: "./digits" }, "path and uri exclude each other; keep one"],
    [{ uri, bundle: digest }, "bundle and uri exclude each other; keep one"],
    [{ uri, image: `registry.example/digits@${digest}` }, /^image and uri exclude each other/],
  ] as const;
  for (const [source, message] of wrong)
    assert.match(
      problems(smallModel({ source }), "cli").join(),
      new RegExp(`^spec.source.uri: ${String(message).replace(/^\/\^|\/$/g, "")}`),
    );
  assert.match(problems(smallModel({ source: { uri } })).join(), /^spec\.source\.uri: a uri is read by the slipway command only/);
});

test("parse() lists every problem at once, whatever their sort", () => {
  const model = {
    ...smallModel({ scaling: { minReplicas: 5, maxReplicas: 3 }, replcas: 1, parameters: 7, replicas: 2000 }),
    kind: "Modle",
    metadata: { name: "Digits", lables: {}, labels: { "-": "ok" } },
    status: { readyReplicas: -1 },
  };
  const paths = problems(model).map((line) => line.slice(0, line.indexOf(": ")));
  assert.deepEqual(paths.sort(), [
    "kind",
    "metadata.labels[-]",
    "metadata.lables",
    "metadata.name",
    "spec.parameters",
    "spec.replcas",
    "spec.replicas",
    "spec.scaling.minReplicas",
    "status.readyReplicas",
  ]);
});

for (const value of [null, undefined, 3, "text", [], true]) {
  test(`parse() refuses ${JSON.stringify(value)} in place of an object`, () => {
    const parsed = parse("Model", value, { source: "api" });
    assert.equal(parsed.ok, false);
  });
}

test("parse() refuses __proto__ everywhere and pollutes nothing", () => {
  const model = JSON.parse(
    '{"__proto__":{"polluted":1},"apiVersion":"slipway.dev/v1alpha1","kind":"Model","metadata":{"name":"a","labels":{"__proto__":"x"}},"spec":{"__proto__":{"polluted":1},"source":{"path":"x"},"parameters":{"__proto__":"x"},"constructor":{"prototype":{"polluted":1}}}}',
  );
  assert.deepEqual(problems(model, "cli"), [
    "__proto__: unknown field",
    "metadata.labels.__proto__: unknown field",
    "spec.__proto__: unknown field",
    "spec.parameters.__proto__: unknown field",
    "spec.constructor: unknown field; expected one of source, parameters, signature, resources, scaling, replicas, traffic, samples, secrets, placement, network",
  ]);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});
