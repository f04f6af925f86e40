// Secrets by reference only: values that were planted are found nowhere but in the Secrets and in the model's own process; a new value reaches its file without a restart.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { parse, stringify } from "yaml";
import { kubectl, kubectlApply } from "../cluster/index.ts";
import { manifest, requestFor } from "../harness/digits.ts";
import { eventually } from "../harness/eventually.ts";
import {
  Installation,
  modelNamespace,
  modelPodsReady,
  type Pod,
  podsOf,
  restartsOf,
  systemNamespace,
} from "./harness/installation.ts";
import { routeTable } from "./harness/route-table.ts";
import { runInPod } from "./harness/run-in-pod.ts";
import { leftOut } from "./harness/use-cluster.ts";

const canary = () => `canary-${randomBytes(24).toString("hex")}`;
const planted = { variable: canary(), file: canary(), pull: canary(), rotated: canary() };
const registryLogin = JSON.stringify({
  auths: { "registry.example": { username: "robot", password: planted.pull, auth: base64(`robot:${planted.pull}`) } },
});
/** Each value as it is, and as a Secret of the API writes it. */
const traces = [...Object.values(planted), registryLogin]
  .flatMap((value) => [value, base64(value)])
  .concat(base64(`robot:${planted.pull}`));

const file = "/run/secrets/token";
const kinds =
  "models,revisions,deployments,replicasets,pods,services,endpointslices,configmaps,serviceaccounts,events,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers";

describe("secrets on Kubernetes", { skip: leftOut("secrets on Kubernetes") }, () => {
  let installation: Installation;
  let form: string;
  let pod: Pod;

  before(async () => {
    installation = await Installation.up();
    const model = parse(await installation.digestForm(manifest("v1"), "digits")) as { spec: object };
    const secrets = [
      { name: "database", key: "password", env: "DATABASE_PASSWORD" },
      { name: "upstream", key: "token", file },
    ];
    form = stringify({ ...model, spec: { ...model.spec, secrets, placement: { imagePullSecrets: ["registry-login"] } } });
    await kubectlApply([
      secret("database", { password: planted.variable }),
      secret("upstream", { token: planted.file }),
      secret("registry-login", { ".dockerconfigjson": registryLogin }, "kubernetes.io/dockerconfigjson"),
    ]);
    await said(["apply", "-f", "-"], form);
    await kubectl("-n", modelNamespace, "wait", "--for=condition=Ready", "model/digits", "--timeout=120s");
    [pod] = (await modelPodsReady("digits", 1)) as [Pod];
  });
  after(async () => {
    await kubectl("-n", modelNamespace, "delete", "secret", "database", "upstream", "registry-login", "--ignore-not-found");
    await installation?.close();
  });

  test("the model gets them, and the search finds them where they are", async () => {
    const seen = await inModel();
    assert.deepEqual(seen, { variable: planted.variable, file: planted.file });
    const secrets = await kubectl("-n", modelNamespace, "get", "secrets", "-o", "yaml");
    for (const name of ["variable", "file"] as const) assert.ok(found(secrets).includes(base64(planted[name])), name);
    assert.ok(found(secrets).includes(base64(registryLogin)));
    assert.ok(found(JSON.stringify(seen)).includes(planted.variable));
  });

  test("they are in no object, status, event, log, description, export or plan", async () => {
    assert.equal((await installation.call(installation.inferUrl("digits"), { body: requestFor([0]) })).status, 200);
    await leaksNothing();
  });

  test("a new value reaches the file without a restart; a variable keeps the one it was started with", async () => {
    await kubectlApply([secret("upstream", { token: planted.rotated }), secret("database", { password: planted.rotated })]);
    await eventually("kubelet has written the new value", 180, async () => (await inModel()).file === planted.rotated);
    assert.equal((await inModel()).variable, planted.variable);
    const [now] = (await modelPodsReady("digits", 1)) as [Pod];
    assert.equal(now.metadata.uid, pod.metadata.uid);
    assert.equal(restartsOf(now), restartsOf(pod));
    await leaksNothing();
  });

  test("a Secret that is missing is a condition that names it, and nothing of the others", async () => {
    await said(["apply", "-f", "-"], form.replace("name: upstream", "name: missing"));
    const condition = ["-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'];
    await eventually("Ready says what is missing", 60, async () =>
      /missing/.test(await kubectl("-n", modelNamespace, "get", "model", "digits", ...condition)),
    );
    await leaksNothing();
  });

  /** What the model's own process has: its environment as it was started, its file as it is now. */
  async function inModel(): Promise<{ variable: string; file: string }> {
    const script = `const { readFileSync: read } = require("node:fs");
      const variable = read("/proc/1/environ", "utf8").split("\\0").find((each) => each.startsWith("DATABASE_PASSWORD="));
      console.log(JSON.stringify({ variable: variable.slice(variable.indexOf("=") + 1), file: read("${file}", "utf8") }));`;
    return JSON.parse(await runInPod(modelNamespace, pod.metadata.name, script)) as { variable: string; file: string };
  }

  async function leaksNothing(): Promise<void> {
    const places = await everywhere();
    for (const [where, text] of Object.entries(places)) {
      assert.ok(text.length > 0, `${where} says something`);
      assert.deepEqual(found(text), [], where);
    }
  }

  /** All that a command prints; it must exit 0. */
  async function said(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await installation.slipway([...args, "-n", modelNamespace], input);
    assert.equal(code, 0, `slipway ${args.join(" ")}: ${stderr}`);
    return stdout + stderr;
  }

  /** All that the platform, Kubernetes and their tools say about the Model, by where they say it. */
  async function everywhere(): Promise<Record<string, string>> {
    const here = (...args: string[]) => kubectl("-n", modelNamespace, ...args);
    const logs = async (namespace: string, selector: string) => {
      const texts = (await podsOf(namespace, selector)).map(({ metadata }) =>
        kubectl("-n", namespace, "logs", metadata.name).catch(String),
      );
      return (await Promise.all(texts)).join("\n");
    };
    const component = (name: string) => logs(systemNamespace, `app.kubernetes.io/component=${name}`);
    return {
      objects: await here("get", kinds, "-o", "yaml", "--show-managed-fields"),
      "kubectl describe": await here("describe", kinds),
      "kubectl get": await here("get", kinds, "-o", "wide"),
      "slipway get": await said(["get", "models", "-o", "yaml"]),
      "slipway get revisions": await said(["get", "revisions", "-o", "yaml"]),
      "slipway get replicas": await said(["get", "replicas", "-o", "json"]),
      "slipway describe": await said(["describe", "model", "digits"]),
      "slipway events": await said(["events", "digits"]),
      "slipway logs": await said(["logs", "digits"]),
      "slipway plan": await said(["plan", "-f", "-"], form.replace("name: upstream", "name: another")),
      "slipway export": (await installation.slipwayAlone(["export", "k8s", "-f", "-"], form)).stdout,
      "log of the model": await logs(modelNamespace, "slipway.dev/model=digits"),
      "logs of operators": await component("operator"),
      "logs of gateways": await component("gateway"),
      "routing table": await routeTable(),
    };
  }
});

/** Which of the planted values a text has. */
function found(text: string): string[] {
  return traces.filter((trace) => text.includes(trace));
}

function secret(name: string, data: Record<string, string>, type = "Opaque"): object {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: modelNamespace }, type, stringData: data };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
