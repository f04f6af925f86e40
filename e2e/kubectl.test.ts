// The real kubectl against a laptop: the control API behaves as an API server does.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { manifest } from "./harness/digits.ts";
import { eventually } from "./harness/eventually.ts";
import { run, TestPlatform } from "./harness/platform.ts";

const installed = await run("kubectl", ["version", "--client"]).then(
  ({ code }) => code === 0,
  () => false,
);

describe("kubectl", { skip: installed ? false : "kubectl is not installed on this machine" }, () => {
  let platform: TestPlatform;
  let folder: string;
  const digestForm: Record<string, string> = {};

  before(async () => {
    platform = await TestPlatform.up();
    folder = await mkdtemp(join(tmpdir(), "slipway-kubectl-"));
    for (const version of ["v1", "v2"] as const) {
      const path = join(folder, `${version}.yaml`);
      await writeFile(path, manifest(version));
      digestForm[version] = (await platform.ok("build", "-f", path, "-o", "yaml")).stdout;
      assert.match(digestForm[version]!, /bundle: .*sha256:[0-9a-f]{64}/);
    }
  });
  after(async () => {
    await platform.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  async function kubectl(args: string[], input?: string): Promise<string> {
    const result = await platform.kubectl(args, input);
    assert.equal(result.code, 0, `kubectl ${args.join(" ")}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  }

  async function refused(args: string[], input: string | undefined, expected: RegExp): Promise<void> {
    const result = await platform.kubectl(args, input);
    assert.notEqual(result.code, 0, `kubectl ${args.join(" ")} should fail: ${result.stdout}`);
    assert.match(result.stderr, expected);
  }

  test("apply, wait, get, describe and explain", async () => {
    assert.match(await kubectl(["apply", "-f", "-"], digestForm.v1), /model\.slipway\.dev\/digits created/);
    await kubectl(["wait", "--for=condition=Ready", "model/digits", "--timeout=30s"]);
    assert.match(await kubectl(["apply", "-f", "-"], digestForm.v1), /digits unchanged/);
    const table = await kubectl(["get", "models"]);
    assert.match(table, /^NAME\s+READY\s+REPLICAS\s+REVISION\s+AGE/);
    assert.match(table, /digits\s+True/);
    assert.match(await kubectl(["get", "models", "-o", "wide"]), /http:\/\/127\.0\.0\.1:\d+\/v2\/models\/digits/);
    assert.equal(await kubectl(["get", "model", "digits", "-o", "jsonpath={.status.readyReplicas}"]), "1");
    assert.match(await kubectl(["get", "revisions"]), /digits-[0-9a-f]{10}/);
    const description = await kubectl(["describe", "model", "digits"]);
    assert.match(description, /Events:\s+Type\s+Reason/);
    assert.match(description, /Normal\s+Ready\s/);
    assert.match(await kubectl(["explain", "model.spec.scaling.minReplicas"]), /FIELD: minReplicas <integer>/);
    assert.match(await kubectl(["explain", "model.spec", "--recursive"]), /bundle\s+<string>/);
    assert.match(await kubectl(["api-resources", "--api-group=slipway.dev"]), /models.*slipway\.dev\/v1alpha1\s+true\s+Model/);
  });

  test("get -w shows a scale from one to two replicas", async () => {
    const watching = platform.kubectl([
      "get",
      "model",
      "digits",
      "-w",
      "-o",
      'jsonpath={.status.readyReplicas}{"\\n"}',
      "--request-timeout=6s",
    ]);
    await kubectl(["scale", "model", "digits", "--replicas=2"]);
    await eventually(
      "two replicas are ready",
      30,
      async () => (await kubectl(["get", "model", "digits", "-o", "jsonpath={.status.readyReplicas}"])) === "2",
    );
    const { stdout } = await watching;
    assert.match(stdout, /^1\n/);
    assert.match(stdout, /\n2\n/);
    assert.equal(await kubectl(["get", "model", "digits", "-o", "jsonpath={.spec.replicas}"]), "2");
  });

  test("patch, label, annotate, server-side apply and its conflicts", async () => {
    await kubectl(["patch", "model", "digits", "--type=merge", "-p", '{"spec":{"scaling":{"maxReplicas":6}}}']);
    await kubectl([
      "patch",
      "model",
      "digits",
      "--type=json",
      "-p",
      '[{"op":"replace","path":"/spec/scaling/maxReplicas","value":5}]',
    ]);
    assert.equal(await kubectl(["get", "model", "digits", "-o", "jsonpath={.spec.scaling.maxReplicas}"]), "5");
    await kubectl(["label", "model", "digits", "team=vision"]);
    await kubectl(["annotate", "model", "digits", "note=hello"]);
    assert.match(await kubectl(["get", "models", "-l", "team=vision"]), /digits/);
    assert.equal((await kubectl(["get", "models", "-l", "team=other", "-o", "name"])).trim(), "");
    await refused(["apply", "--server-side", "--field-manager=other", "-f", "-"], digestForm.v2, /conflict/);
    await kubectl(["apply", "--server-side", "--force-conflicts", "--field-manager=other", "-f", "-"], digestForm.v2);
    await eventually("the second revision serves", 30, async () => {
      const model = JSON.parse(await kubectl(["get", "model", "digits", "-o", "json"]));
      return (
        model.status.traffic[0].revision === model.status.latestRevision &&
        model.status.observedGeneration === model.metadata.generation
      );
    });
    assert.equal((await kubectl(["get", "revisions", "-o", "name"])).trim().split("\n").length, 2);
  });

  test("wrong manifests are refused with the field and what was expected, and change nothing", async () => {
    const before = await kubectl(["get", "model", "digits", "-o", "jsonpath={.metadata.resourceVersion}"]);
    const edited = (from: string | RegExp, to: string) => digestForm.v1!.replace(from, to);
    await refused(["apply", "-f", "-"], edited("scaling:", "scalling:"), /spec\.scalling.*did you mean "scaling"/);
    await refused(["apply", "-f", "-"], edited(/minReplicas: 1/, "minReplicas: 9"), /minReplicas|maxReplicas/);
    await refused(["apply", "-f", "-"], edited(/cpu: .*/, "cpu: lots"), /spec\.resources\.cpu/);
    await refused(["apply", "-f", "-"], edited(/bundle: .*/, "path: ./v1"), /slipway build -f FILE -o yaml/);
    await refused(["scale", "model", "digits", "--replicas=99"], undefined, /replicas/);
    await refused(["get", "model", "nothing"], undefined, /models\.slipway\.dev "nothing" not found/);
    assert.equal(await kubectl(["get", "model", "digits", "-o", "jsonpath={.metadata.resourceVersion}"]), before);
  });

  test("a namespace of its own, and delete with everything the Model owned", async () => {
    await kubectl(["create", "namespace", "team-a"]);
    await kubectl(["apply", "-n", "team-a", "-f", "-"], digestForm.v1);
    await kubectl(["wait", "-n", "team-a", "--for=condition=Ready", "model/digits", "--timeout=30s"]);
    const answer = await fetch(`${platform.gateway}/namespaces/team-a/v2/models/digits/ready`);
    assert.equal(answer.status, 200);
    await kubectl(["delete", "namespace", "team-a", "--timeout=40s"]);
    await kubectl(["delete", "model", "digits", "--timeout=40s"]);
    await eventually("revisions and replicas are gone", 20, async () => {
      const left = await kubectl(["get", "models,revisions", "-A", "-o", "name"]);
      const replicas = (await platform.processes()).filter(({ command }) => / replica( |$)/.test(command));
      return left.trim() === "" && replicas.length === 0;
    });
    assert.equal((await fetch(`${platform.gateway}/v2/models/digits/ready`)).status, 404);
  });

  test("without its token the API answers nobody", async () => {
    const result = await platform.kubectl(["--token=wrong", "get", "models"]);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /Unauthorized|logged in/);
  });
});
