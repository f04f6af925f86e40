import assert from "node:assert/strict";
import { test } from "node:test";
import { goldenRequest } from "./golden.ts";
import type { ApiRequest, GatewayRequest, HttpAnswer, ParityPlace } from "./parity-place.ts";
import type { ParityScenario, ParityStep } from "./parity-scenario.ts";
import { parityScenarios } from "./parity-scenarios.ts";
import { parityTable } from "./parity-table.ts";
import { runParity } from "./run-parity.ts";

/** A place that has one Model, made by the first apply, and says whatever the test wants of it. */
class TinyPlace implements ParityPlace {
  readonly name = "tiny";
  readonly namespace = "default";
  readonly asked: (ApiRequest | GatewayRequest)[] = [];
  model: { metadata: Record<string, unknown>; status: Record<string, unknown> } | undefined;
  answer: HttpAnswer = { status: 200, body: { outputs: [] } };

  async source(name: string) {
    return { bundle: name };
  }
  async api(request: ApiRequest): Promise<HttpAnswer> {
    this.asked.push(request);
    if (request.method === "DELETE") this.model = undefined;
    if (request.contentType === "application/apply-patch+yaml")
      this.model = {
        metadata: { generation: 1, resourceVersion: "1", uid: "u" },
        status: { observedGeneration: 1, latestRevision: "m-1", readyReplicas: 1 },
      };
    if (/revisions|events/.test(request.path)) return { status: 200, body: { items: [] } };
    return this.model === undefined ? { status: 404, body: { reason: "NotFound" } } : { status: 200, body: this.model };
  }
  async gateway(request: GatewayRequest): Promise<HttpAnswer> {
    this.asked.push(request);
    return this.answer;
  }
  async slipway(args: readonly string[]) {
    return { code: 0, stdout: args.join(" "), stderr: "" };
  }
  async kubectl() {
    return { code: 1, stdout: "", stderr: "no" };
  }
  async crashOneReplica(model: string) {
    return model;
  }
  async drainOneReplica(model: string) {
    return model;
  }
  async restartControl() {}
}

async function problemOf(steps: readonly ParityStep[], place = new TinyPlace()): Promise<string | undefined> {
  const scenario: ParityScenario = { name: "one", title: "One", steps };
  const [result] = await runParity(place, [scenario]);
  return result!.problem;
}

const apply: ParityStep = { do: "apply", source: "digits-v1" };

test("what is as expected holds, with texts filled in, and nothing is left behind", async () => {
  const place = new TinyPlace();
  const steps: ParityStep[] = [
    apply,
    { do: "remember", what: "revision", as: "first" },
    { do: "observe", model: { readyReplicas: 1, revision: { is: "first" } } },
    { do: "slipway", args: ["get", "{model}", "{first}"], prints: ["^get one m-1$"] },
    { do: "infer", path: "{v2}/versions/{first}/infer", answers: { status: 200 } },
  ];
  assert.equal(await problemOf(steps, place), undefined);
  assert.equal(place.model, undefined);
  const paths = place.asked.map(({ path }) => path);
  assert.ok(paths.includes("/v2/models/one/versions/m-1/infer"), String(paths));
});

const wrong: [title: string, step: ParityStep, problem: RegExp][] = [
  ["a number of replicas", { do: "observe", seconds: 0, model: { readyReplicas: 2 } }, /readyReplicas: expected 2, found 1/],
  [
    "a condition",
    { do: "observe", seconds: 0, model: { conditions: { Ready: { status: "True" } } } },
    /Ready should be \{"status":"True"\}/,
  ],
  ["an event", { do: "observe", seconds: 0, model: { events: ["Ready"] } }, /no event Ready/],
  ["something that is not gone", { do: "observe", seconds: 0, model: { gone: true } }, /the Model is there/],
  ["a deep field", { do: "observe", seconds: 0, model: { has: { spec: { replicas: 2 } } } }, /spec is undefined/],
  ["an answer of the API", { do: "api", method: "GET", path: "{models}/one", answers: { status: "refused" } }, /found 200/],
  ["a golden answer", { do: "infer", answers: { status: 200, golden: "v1" } }, /is not what v1 answers/],
  ["a status of the gateway", { do: "infer", answers: { status: 404 } }, /expected status 404, found 200/],
  ["a command", { do: "kubectl", args: ["get"] }, /kubectl get exited 1, expected 0: no/],
  ["what a command prints", { do: "slipway", args: ["get"], prints: ["Ready"] }, /nothing like Ready in: get/],
  ["traffic", { do: "underTraffic", versions: ["v1"], steps: [] }, /requests failed, the first: no answer of v1/],
];
for (const [title, step, problem] of wrong) {
  test(`what is not as expected fails with its step: ${title}`, async () => {
    const found = await problemOf([apply, step]);
    assert.match(found ?? "it holds", problem);
    assert.match(found!, new RegExp(`^step 2 \\(${step.do}\\): `));
  });
}

test("the table has a line for each scenario, the problems, and a last line that counts", () => {
  const scenarios: ParityScenario[] = ["one", "two"].map((name) => ({ name, title: `${name} holds`, steps: [] }));
  const result = (index: number, place: string, problem?: string) => ({
    scenario: scenarios[index]!,
    place,
    problem,
    seconds: 1.5,
  });
  const table = parityTable(scenarios, [
    { place: "local", results: [result(0, "local"), result(1, "local", "step 1 (apply): no")] },
    { place: "Kubernetes", results: [result(0, "Kubernetes")] },
  ]);
  assert.deepEqual(table.split("\n"), [
    "SCENARIO  LOCAL        KUBERNETES   WHAT HOLDS",
    "one       holds 1.5 s  holds 1.5 s  one holds",
    "two       FAILS        not run      two holds",
    "",
    "local: two: step 1 (apply): no",
    "",
    "local 1 of 2, Kubernetes 1 of 2; the same in both: 1 of 2",
    "",
  ]);
  assert.match(
    parityTable(scenarios, [{ place: "Kubernetes", results: [], notRun: "no cluster" }]),
    /Kubernetes not run \(no cluster\)/,
  );
});

test("scenarios are plain data with names that can be a Model's", () => {
  const names = parityScenarios.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z][a-z0-9-]{0,40}$/);
  assert.deepEqual(JSON.parse(JSON.stringify(parityScenarios)), parityScenarios);
  assert.equal(goldenRequest.inputs[0]!.data.length, 128);
});
