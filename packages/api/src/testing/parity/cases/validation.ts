import { apply, type Case, get, merge, post } from "../case.ts";
import { model, models, namespaces, secret, secrets } from "../objects.ts";

const a = `${models}/a`;
const one = (revision: string, percent: unknown) => ({ revision, percent });

/** What is refused, and where the answer says the mistake is. */
export const validationCases: readonly Case[] = [
  {
    name: "an unknown field, strictly",
    steps: [
      post(models, model("a", { replica: 2 }), { query: { fieldValidation: "Strict" } }),
      post(models, { ...model("a"), extra: 1 }, { query: { fieldValidation: "Strict" } }),
    ],
  },
  {
    name: "an unknown field, with a warning",
    steps: [post(models, model("a", { replica: 2 }), { query: { fieldValidation: "Warn" } })],
  },
  {
    name: "an unknown field, ignored",
    steps: [post(models, model("a", { replica: 2 }), { query: { fieldValidation: "Ignore" } })],
  },
  {
    name: "an unknown field, by merge patch",
    steps: [post(models, model("a")), merge(a, { spec: { replica: 2 } }, { query: { fieldValidation: "Strict" } })],
  },
  { name: "an unknown field, by apply", steps: [apply("cli", a, model("a", { replica: 2 }))] },
  {
    name: "an unknown field of metadata",
    steps: [post(models, model("a", {}, { label: "x" }), { query: { fieldValidation: "Strict" } })],
  },
  { name: "a fieldValidation that cannot be", steps: [post(models, model("a"), { query: { fieldValidation: "Perhaps" } })] },
  {
    name: "a field twice",
    steps: [
      post(
        models,
        `{"apiVersion":"slipway.dev/v1alpha1","kind":"Model","metadata":{"name":"a"},"spec":{"source":{},"source":{}}}`,
        { query: { fieldValidation: "Strict" } },
      ),
    ],
  },
  { name: "a body that is not JSON", steps: [post(models, "{nothing"), post(models, "[]"), post(models, "")] },
  { name: "text for a number", steps: [post(models, model("a", { replicas: "2" }))] },
  { name: "a fraction for a whole number", steps: [post(models, model("a", { replicas: 2.5 }))] },
  {
    name: "an object for a list, and a list for an object",
    steps: [post(models, model("a", { traffic: {} })), post(models, model("a", { parameters: [] }))],
  },
  { name: "a number for text", steps: [post(models, model("a", { parameters: { x: 1 } }))] },
  { name: "labels of the wrong type", steps: [post(models, model("a", {}, { labels: { x: 1 } }))] },
  {
    name: "wrong types by apply",
    steps: [
      apply("cli", a, model("a", { replicas: "2" })),
      apply("cli", a, model("a", { traffic: {} })),
      apply("cli", a, model("a", { scaling: "x" })),
    ],
  },
  { name: "no spec", steps: [post(models, { apiVersion: "slipway.dev/v1alpha1", kind: "Model", metadata: { name: "a" } })] },
  {
    name: "no source, no bundle, and both",
    steps: [
      post(models, { ...model("a"), spec: {} }),
      post(models, { ...model("a"), spec: { source: {} } }),
      post(models, { ...model("a"), spec: { source: { path: "./x" } } }),
    ],
  },
  { name: "a bundle that is no digest", steps: [post(models, { ...model("a"), spec: { source: { bundle: "digits:latest" } } })] },
  {
    name: "too few and too many replicas",
    steps: [
      post(models, model("a", { replicas: 0 })),
      post(models, model("a", { replicas: 1001, scaling: { maxReplicas: 1000 } })),
    ],
  },
  { name: "more replicas than scaling allows", steps: [post(models, model("a", { replicas: 11 }))] },
  { name: "minReplicas over maxReplicas", steps: [post(models, model("a", { scaling: { minReplicas: 5, maxReplicas: 2 } }))] },
  {
    name: "traffic that is not 100 percent",
    steps: [post(models, model("a", { traffic: [one("a-0000000001", 40), one("a-0000000002", "50%")] }))],
  },
  {
    name: "traffic with one revision twice",
    steps: [post(models, model("a", { traffic: [one("a-0000000001", 40), one("a-0000000001", 60)] }))],
  },
  {
    name: "percents that cannot be",
    steps: [
      post(models, model("a", { traffic: [one("a-0000000001", 101)] })),
      post(models, model("a", { traffic: [one("a-0000000001", "100")] })),
      post(models, model("a", { traffic: [one("a-0000000001", true)] })),
    ],
  },
  {
    name: "a datatype that there is not",
    steps: [post(models, model("a", { signature: { inputs: [{ name: "x", datatype: "FLOAT", shape: [1] }], outputs: [] } }))],
  },
  {
    name: "quantities that cannot be",
    steps: [post(models, model("a", { resources: { cpu: "half" } })), post(models, model("a", { resources: { memory: "1Ki" } }))],
  },
  {
    name: "several mistakes at once",
    steps: [post(models, model("a", { replicas: 0, traffic: [{ percent: 100 }], samples: { verify: "yes" } }))],
  },
  {
    name: "names that cannot be",
    steps: [post(models, model("No_Name")), post(models, model("x".repeat(60))), post(models, model("a.b"))],
  },
  {
    name: "labels and annotations that cannot be",
    steps: [
      post(models, model("a", {}, { labels: { "not a key": "x", ok: "not a value!" } })),
      post(models, model("a", {}, { annotations: { "not a key": "x" } })),
    ],
  },
  {
    name: "a patch that makes an object wrong",
    steps: [post(models, model("a")), merge(a, { spec: { replicas: 0 } }), merge(a, { spec: { source: null } }), get(a)],
  },
  {
    name: "a Secret with an unknown field and wrong data",
    steps: [
      post(secrets, secret("s", { datum: {} }), { query: { fieldValidation: "Strict" } }),
      post(secrets, secret("s", { data: { x: "not base64!" } })),
      post(secrets, secret("s", { data: { "not a key": "eA==" } })),
    ],
  },
  {
    name: "paths that are not there",
    steps: [
      get("/apis/slipway.dev/v1alpha1/namespaces/{{ns}}/widgets"),
      get(`${namespaces}/{{ns}}/none/x`),
      get(`${secrets}/a/status`),
    ],
  },
  { name: "methods that are not there", steps: [post(a, model("a"))] },
];
