import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { systemClock } from "@slipway/base";
import type { Event, Model } from "@slipway/spec";
import { bundle, type RunningApi, startApi, token } from "./testing/running-api.ts";

const installed = spawnSync("kubectl", ["version", "--client"]).status === 0;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const manifest = (more: { max?: number; name?: string; label?: string } = {}) => `
apiVersion: slipway.dev/v1alpha1
kind: Model
metadata: { name: ${more.name ?? "digits"}, labels: { app: ${more.label ?? "digits"} } }
spec:
  source: { bundle: "digits@${bundle}" }
  scaling: { minReplicas: 1, maxReplicas: ${more.max ?? 5} }
`;

describe("kubectl", { skip: installed ? false : "kubectl is not installed" }, () => {
  let api: RunningApi;
  let home: string;
  const running = new Set<ChildProcess>();

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "slipway-kubectl-"));
    api = await startApi({ tls: true });
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "c", cluster: { server: api.url, "certificate-authority-data": Buffer.from(api.ca).toString("base64") } },
      ],
      users: [{ name: "u", user: { token } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    };
    await writeFile(join(home, "config"), JSON.stringify(config));
  });

  after(async () => {
    for (const child of running) child.kill();
    await api.close();
    await rm(home, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const kind of ["Model", "Secret", "Event"] as const) {
      for (const { metadata } of (await api.store.list(kind)).items) {
        await api.store.remove(kind, { namespace: metadata.namespace ?? "", name: metadata.name });
      }
    }
  });

  /** `env` sets what kubectl needs without this process's environment being read. */
  const command = (...args: string[]) => [
    "env",
    `HOME=${home}`,
    `KUBECONFIG=${join(home, "config")}`,
    "KUBE_EDITOR=sed -i s/maxReplicas:.*/maxReplicas:\\ 6/",
    "kubectl",
    ...args,
  ];

  function kubectl(args: string, input = ""): Promise<Outcome> {
    const [program = "", ...rest] = command(...args.split(" "));
    return new Promise((resolve) => {
      const child = execFile(program, rest, { timeout: 20_000 }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 255), out, err });
      });
      child.stdin?.end(input);
    });
  }

  async function done(args: string, input = ""): Promise<string> {
    const { code, out, err } = await kubectl(args, input);
    assert.equal(code, 0, `kubectl ${args}: ${err}`);
    return out;
  }

  async function refused(args: string, input = ""): Promise<string> {
    const { code, err } = await kubectl(args, input);
    assert.equal(code, 1, `kubectl ${args} succeeded`);
    return err;
  }

  const stored = async () => {
    const found = await api.store.get("Model", { namespace: "default", name: "digits" });
    assert.ok(found);
    return found;
  };

  const withStatus = (model: Model, status: NonNullable<Model["status"]>) =>
    api.store.write(
      { ...model, status },
      { expect: model.metadata.resourceVersion ?? "", manager: "control", subresource: "status" },
    );

  const ready = [
    {
      type: "Ready",
      status: "True" as const,
      reason: "Serving",
      message: "It answers.",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    },
  ];

  test("version, api-resources, auth", async () => {
    assert.match(await done("version"), /Server Version: v1\.32\.0\+slipway\.0\.0\.0/);
    const resources = await done("api-resources -o wide");
    assert.match(
      resources,
      /^models +mdl +slipway\.dev\/v1alpha1 +true +Model +create,delete,deletecollection,get,list,patch,update,watch +all,slipway$/m,
    );
    assert.match(resources, /^namespaces +ns +v1 +false +Namespace/m);
    assert.equal(await done("auth can-i create models"), "yes\n");
    assert.match(await done("auth whoami"), /Username +ada/);
    assert.match(await done("auth can-i --list"), /\*\.\*/);
  });

  test("apply on the client's side creates, changes and leaves alone", async () => {
    assert.equal(await done("apply -f -", manifest()), "model.slipway.dev/digits created\n");
    assert.equal(await done("apply -f -", manifest()), "model.slipway.dev/digits unchanged\n");
    assert.equal(await done("apply -f -", manifest({ max: 7 })), "model.slipway.dev/digits configured\n");
    assert.equal((await stored()).spec.scaling.maxReplicas, 7);
  });

  test("apply on the server's side merges by owner and names conflicts", async () => {
    assert.equal(await done("apply --server-side -f -", manifest()), "model.slipway.dev/digits serverside-applied\n");
    const conflict = await refused("apply --server-side --field-manager=other -f -", manifest({ max: 7 }));
    assert.match(conflict, /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.scaling\.maxReplicas/);
    await done("apply --server-side --field-manager=other --force-conflicts -f -", manifest({ max: 7 }));
    assert.equal((await stored()).spec.scaling.maxReplicas, 7);
  });

  test("apply --dry-run=server and diff show what would be and change nothing", async () => {
    assert.equal(await done("apply --dry-run=server -f -", manifest()), "model.slipway.dev/digits created (server dry run)\n");
    assert.match(await refused("get model digits"), /NotFound/);
    await done("apply -f -", manifest());
    const { code, out } = await kubectl("diff -f -", manifest({ max: 7 }));
    assert.equal(code, 1, "1 means there is a difference");
    assert.match(out, /^- {4}maxReplicas: 5\n\+ {4}maxReplicas: 7$/m);
    assert.equal((await kubectl("diff -f -", manifest())).code, 0);
    assert.equal((await stored()).spec.scaling.maxReplicas, 5);
  });

  test("get shows a table, a wide table, JSON, names and all kinds", async () => {
    await done("apply -f -", manifest());
    assert.match(await done("get models"), /^NAME +READY +REPLICAS +REVISION +AGE\ndigits +Unknown +0 +<none> +\d+s\n$/);
    assert.match(await done("get mdl digits -o wide"), /^NAME +READY +REPLICAS +REVISION +URL +IMAGE +AGE\n/);
    assert.equal((JSON.parse(await done("get models -o json")) as { items: Model[] }).items[0]?.metadata.name, "digits");
    assert.equal(await done("get all,secrets -o name"), "model.slipway.dev/digits\n");
    assert.equal(await done("get models -l app=digits -o name"), "model.slipway.dev/digits\n");
    assert.match(await done("get models -A --sort-by=.metadata.name"), /^NAMESPACE +NAME/);
    assert.match((await kubectl("get models -l app!=digits")).err, /No resources found/);
    assert.match((await kubectl("get models --field-selector=spec.replicas=1")).err, /field label not supported: spec\.replicas/);
  });

  test("get follows a list in pages", async () => {
    for (const name of ["a", "b", "c"]) await done("apply -f -", manifest({ name }));
    assert.deepEqual((await done("get models --chunk-size=1 -o name")).trim().split("\n").length, 3);
  });

  test("get -w shows a change when it happens", async () => {
    await done("apply -f -", manifest());
    const [program = "", ...args] = command("get", "models", "-w");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    running.add(child);
    let shown = "";
    const lines = async (count: number) => {
      while (shown.split("\n").length <= count) await once(child.stdout, "data", { signal: AbortSignal.timeout(10_000) });
      return shown.split("\n");
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
    });
    assert.match((await lines(2))[1] ?? "", /^digits +Unknown +0/);
    await withStatus(await stored(), { readyReplicas: 2, conditions: ready });
    const all = await lines(3);
    assert.match(all[2] ?? "", /^digits +True +2/);
    assert.equal(all.filter((line) => line.startsWith("NAME")).length, 1);
    child.kill();
    await once(child, "exit");
    running.delete(child);
  });

  test("describe shows the object and its events", async () => {
    await done("apply -f -", manifest());
    const { name, namespace, uid } = (await stored()).metadata;
    const now = new Date(systemClock.now()).toISOString().replace(/\.\d+/, "");
    const event: Event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "digits.1", namespace: "default" },
      involvedObject: { apiVersion: "slipway.dev/v1alpha1", kind: "Model", name, namespace: namespace ?? "", uid: uid ?? "" },
      reason: "Started",
      message: "It has started.",
      type: "Normal",
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: "control" },
    };
    await api.store.write(event, { expect: "absent", manager: "control" });
    const text = await done("describe model digits");
    assert.match(text, /^Name: +digits$/m);
    assert.match(text, /Normal +Started +\d+s +control +It has started\./);
    assert.match(
      await done("get events"),
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\d+s +Normal +Started +model\/digits +It has started\.\n$/,
    );
    assert.match(await done("get events --field-selector involvedObject.name=digits,type=Normal -o name"), /event\/digits\.1/);
    assert.match((await kubectl("get events --field-selector type=Warning")).err, /No resources found/);
    assert.match(await done("events --for model/digits"), /Started/);
  });

  test("explain shows fields and what they mean", async () => {
    const scaling = await done("explain model.spec.scaling --recursive");
    assert.match(scaling, /KIND: +Model/);
    assert.match(scaling, /maxReplicas\t<integer>/);
    assert.match(await done("explain models.spec.scaling.minReplicas"), /FIELD: minReplicas <integer>/);
    assert.match(await done("explain namespace"), /KIND: +Namespace/);
  });

  test("patch, label, annotate, edit and replace", async () => {
    await done("apply -f -", manifest());
    await done('patch model digits --type=merge -p {"spec":{"scaling":{"maxReplicas":8}}}');
    await done('patch model digits --type=json -p [{"op":"replace","path":"/spec/scaling/maxReplicas","value":9}]');
    assert.equal((await stored()).spec.scaling.maxReplicas, 9);
    assert.match(await refused('patch model digits -p {"spec":{}}'), /application\/strategic-merge-patch\+json is not supported/);
    await done("label model digits tier=front");
    await done("annotate model digits note=hello");
    assert.deepEqual([(await stored()).metadata.labels?.tier, (await stored()).metadata.annotations?.note], ["front", "hello"]);
    await done("edit model digits");
    assert.equal((await stored()).spec.scaling.maxReplicas, 6);
    const current = await done("get model digits -o yaml");
    await done("replace -f -", current.replace("maxReplicas: 6", "maxReplicas: 4"));
    assert.match(await refused("replace -f -", current), /the object has been modified/);
    assert.equal((await stored()).spec.scaling.maxReplicas, 4);
  });

  test("scale within bounds", async () => {
    await done("apply -f -", manifest());
    assert.equal(await done("scale model digits --replicas=3"), "model.slipway.dev/digits scaled\n");
    assert.equal((await stored()).spec.replicas, 3);
    assert.match(await refused("scale model digits --replicas=0"), /spec\.replicas: expected at least 1/);
    assert.match(await refused("scale model digits --replicas=9"), /spec\.replicas: expected at most 5/);
    assert.match(await refused("scale model digits --replicas=2 --current-replicas=1"), /Expected replicas to be 1, was 3/);
    await done("apply -f -", manifest());
    assert.equal((await stored()).spec.replicas, 3, "applying the unchanged file keeps the override");
  });

  test("wait for a condition", async () => {
    await done("apply -f -", manifest());
    const waiting = done("wait --for=condition=Ready model/digits --timeout=15s");
    await withStatus(await stored(), { conditions: ready });
    assert.equal(await waiting, "model.slipway.dev/digits condition met\n");
  });

  test("delete waits until the object is gone", async () => {
    await done("apply -f -", manifest());
    assert.equal(await done("delete model digits"), 'model.slipway.dev "digits" deleted\n');
    assert.match(await refused("delete model digits"), /Error from server \(NotFound\): models\.slipway\.dev "digits" not found/);
    for (const name of ["a", "b"]) await done("apply -f -", manifest({ name, label: "many" }));
    assert.equal((await done("delete models -l app=many")).trim().split("\n").length, 2);
  });

  test("namespaces and secrets, which kubectl sends as protobuf", async () => {
    assert.equal(await done("create namespace team"), "namespace/team created\n");
    assert.equal(await done("create secret generic weights -n team --from-literal=token=abc"), "secret/weights created\n");
    assert.equal(await done("get secret weights -n team -o jsonpath={.data.token}"), "YWJj");
    await done('patch secret weights -n team -p {"stringData":{"token":"xyz"}}');
    assert.equal(await done("get secret weights -n team -o jsonpath={.data.token}"), "eHl6");
    await done("label namespace team tier=gold");
    assert.match(await refused("create secret generic weights -n team"), /secrets "weights" already exists/);
    assert.match(await refused("create secret generic weights -n nowhere"), /namespaces "nowhere" not found/);
    await done("delete namespace team --wait=false");
    assert.match(await done("get namespaces"), /^team +Terminating/m);
    assert.match(await refused("create secret generic late -n team"), /because it is being terminated/);
  });

  test("wrong manifests are refused with the field and what was meant", async () => {
    const unknown = await refused("apply -f -", manifest().replace("scaling:", "scalign:"));
    assert.match(unknown, /^The Model "digits" is invalid: spec\.scalign: unknown field; did you mean "scaling"\?/m);
    const several = await refused(
      "apply -f -",
      manifest().replace("minReplicas: 1", "minReplicas: 0").replace("maxReplicas: 5", "maxReplicas: many"),
    );
    assert.match(several, /\* spec\.scaling\.minReplicas: expected at least 1/);
    assert.match(several, /\* spec\.scaling\.maxReplicas: expected a whole number/);
    assert.match(
      await refused("apply -f -", manifest().replace(/bundle: .*/, "path: ./digits }")),
      /slipway build -f FILE -o yaml/,
    );
    assert.match(await refused("apply -f -", manifest().replace("kind: Model", "kind: Modell")), /no matches for kind "Modell"/);
    assert.match(await refused("apply -n nowhere -f -", manifest()), /namespaces "nowhere" not found/);
    assert.match(await refused("get models --as=root"), /Impersonation is not supported/);
  });
});
