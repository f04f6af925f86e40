// A model in a cluster, as an administrator and an ML engineer meet it: applied with kubectl, asked, changed, scaled, without a failed request.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import { kubectl, kubectlGet } from "../cluster/index.ts";
import { type DigitsAnswer, heldOut, reference, requestFor, wrongAnswer } from "../harness/digits.ts";
import { summary } from "../harness/digits-traffic.ts";
import { eventually } from "../harness/eventually.ts";
import { amount } from "../harness/length.ts";
import { DigitsInCluster } from "./harness/digits-in-cluster.ts";
import { Installation, modelNamespace, modelPodsReady, podsOf } from "./harness/installation.ts";
import { leftOut } from "./harness/use-cluster.ts";

const settle = amount(200, 3_000);

describe("the digits model on Kubernetes", { skip: leftOut("the digits model on Kubernetes") }, () => {
  let installation: Installation;
  let digits: DigitsInCluster;

  before(async () => {
    installation = await Installation.up();
    digits = await DigitsInCluster.prepare(installation);
  });
  after(() => installation?.close());

  test("kubectl apply, wait, and the first answer", async (t) => {
    const started = systemClock.monotonic();
    await digits.apply("v1");
    const body = requestFor([0]);
    const answer = await installation.call(installation.inferUrl("digits"), { body });
    t.diagnostic(`from apply to the first answer: ${((systemClock.monotonic() - started) / 1000).toFixed(1)} s`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(wrongAnswer(JSON.parse(answer.text) as DigitsAnswer, [0], reference("v1")), undefined);
  });

  test("answers all held-out images as the reference does", async () => {
    const indices = heldOut.labels.map((_, index) => index);
    const answer = await installation.call(installation.inferUrl("digits"), { body: requestFor(indices) });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(wrongAnswer(JSON.parse(answer.text) as DigitsAnswer, indices, reference("v1")), undefined);
  });

  test("kubectl shows what one wants to know", async () => {
    const table = await kubectl("-n", modelNamespace, "get", "models");
    assert.match(table, /^NAME\s+READY\s+/);
    assert.match(table, /^digits\s+True\s+/m);
    const wide = await kubectl("-n", modelNamespace, "get", "models", "-o", "wide");
    assert.match(wide, /@?sha256:/);
    const described = await kubectl("-n", modelNamespace, "describe", "model", "digits");
    assert.match(described, /Events:[\s\S]*RevisionChanged[\s\S]*Ready/);
    assert.match(await kubectl("explain", "models.spec.scaling"), /minReplicas/);
    assert.match(await kubectl("-n", modelNamespace, "get", "revisions"), /digits-[0-9a-f]{10}\s+digits\s+1\s+Active/);
  });

  test("a change of version and the way back: no failed request, both have answered", async (t) => {
    await kubectl("-n", modelNamespace, "scale", "model", "digits", "--replicas=2");
    await modelPodsReady("digits", 2);
    const first = await digits.inForce();
    const change = await digits.underTraffic(() => digits.apply("v2"), { settle });
    t.diagnostic(`change: ${summary(change)}`);
    assert.deepEqual(change.failures, []);
    assert.equal(Object.keys(change.revisions).length, 2, JSON.stringify(change.revisions));
    const second = await digits.inForce();
    assert.notEqual(second, first);
    const back = await digits.underTraffic(
      async () => {
        await installation.ok("-n", modelNamespace, "rollback", "digits");
        await eventually("the first revision has the traffic", 60, async () => (await digits.inForce()) === first);
      },
      { settle },
    );
    t.diagnostic(`rollback: ${summary(back)}`);
    assert.deepEqual(back.failures, []);
    assert.equal(Object.keys(back.revisions).length, 2, JSON.stringify(back.revisions));
    await digits.apply("v1");
  });

  test("1 → 4 → 1 replicas by hand: no failed request", async (t) => {
    const report = await digits.underTraffic(
      async () => {
        for (const count of [1, 4, 1]) {
          await kubectl("-n", modelNamespace, "scale", "model", "digits", `--replicas=${count}`);
          await modelPodsReady("digits", count);
        }
      },
      { settle },
    );
    t.diagnostic(summary(report));
    assert.deepEqual(report.failures, []);
  });

  test("1 → 4 → 1 replicas by CPU, through metrics-server and an HPA: no failed request", async (t) => {
    await kubectl(
      "-n",
      modelNamespace,
      "patch",
      "model",
      "digits",
      "--type=json",
      '-p=[{"op":"remove","path":"/spec/replicas"}]',
    );
    const patch = { spec: { resources: { cpu: "200m" }, scaling: { metrics: [{ type: "cpu", target: 15 }] } } };
    await kubectl("-n", modelNamespace, "patch", "model", "digits", "--type=merge", "-p", JSON.stringify(patch));
    await digits.ready();
    await modelPodsReady("digits", 1);
    const busy = await digits.underTraffic(
      async () => {
        await eventually("the HPA has brought four replicas", 240, async () => {
          const pods = await podsOf(modelNamespace, "slipway.dev/model=digits");
          return pods.length === 4 && pods.every((pod) => pod.status.phase === "Running");
        });
        await modelPodsReady("digits", 4);
      },
      { settle, rate: 400 },
    );
    t.diagnostic(`up: ${summary(busy)}`);
    assert.deepEqual(busy.failures, []);
    const idle = await digits.underTraffic(async () => void (await modelPodsReady("digits", 1, 420)), { settle: 20, rate: 5 });
    t.diagnostic(`down: ${summary(idle)}`);
    assert.deepEqual(idle.failures, []);
  });

  test("refuses callers without a key, and other host names", async () => {
    const url = installation.inferUrl("digits");
    const body = requestFor([0]);
    const without = await installation.call(url, { body, headers: { authorization: "" } });
    assert.equal(without.status, 401, without.text);
    assert.match((JSON.parse(without.text) as { hint: string }).hint, /API key/);
    const wrong = await installation.call(url, { body, headers: { authorization: "Bearer slw_nobody_0000" } });
    assert.equal(wrong.status, 401, wrong.text);
    assert.equal((await installation.call(url, { body, headers: { host: "evil.example" } })).status, 421);
    const account = (await kubectl("-n", modelNamespace, "create", "token", "default")).trim();
    const token = await installation.call(url, { body, headers: { authorization: `Bearer ${account}` } });
    assert.equal(token.status, 200, token.text);
  });

  test("model pods are restricted, and hold no token", async () => {
    const [pod] = (
      await kubectlGet<{ items: { spec: PodSpec }[] }>("-n", modelNamespace, "pods", "-l", "slipway.dev/model=digits")
    ).items;
    assert.equal(pod!.spec.automountServiceAccountToken, false);
    assert.equal(
      pod!.spec.volumes.some((volume) => JSON.stringify(volume).includes("serviceAccountToken")),
      false,
    );
    const level = await kubectl(
      "get",
      "namespace",
      modelNamespace,
      "-o",
      "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}",
    );
    assert.equal(level, "restricted");
  });

  test("deleted, it leaves nothing", async () => {
    await kubectl("-n", modelNamespace, "delete", "model", "digits", "--timeout=120s");
    const kinds =
      "deployments,services,configmaps,serviceaccounts,secrets,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers,revisions,pods";
    await eventually("everything of the Model is gone", 60, async () => {
      const left = await kubectl("-n", modelNamespace, "get", kinds, "-l", "app.kubernetes.io/part-of=slipway", "-o", "name");
      return left.trim() === "" ? true : Promise.reject(new Error(left));
    });
    const gone = await installation.call(installation.inferUrl("digits"), { body: requestFor([0]) });
    assert.equal(gone.status, 404, gone.text);
  });
});

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly volumes: readonly object[];
}
