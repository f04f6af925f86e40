import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { FakeBackend, scriptedRegistry } from "@slipway/testkit";
import { Interrupted } from "./commands/context.ts";
import { startTestPlatform, type TestPlatform } from "./testing/test-platform.ts";

const examples = join(import.meta.dirname, "..", "..", "..", "examples", "digits");

/** A platform, and a folder with the example's two versions and manifests for them. */
async function workplace(context: TestContext): Promise<TestPlatform & { backend: FakeBackend; v1: string; v2: string }> {
  const backend = new FakeBackend({ clock: systemClock, startMs: 5, drainMs: 5 });
  const platform = await startTestPlatform(context, backend);
  const folder = join(platform.folder, "work");
  await cp(examples, folder, { recursive: true });
  const v1 = join(folder, "model.yaml");
  const v2 = join(folder, "model-v2.yaml");
  await writeFile(v2, (await readFile(v1, "utf8")).replace("./v1", "./v2"));
  return { ...platform, backend, v1, v2, folder };
}

test("a model's life: apply, look, change, go back, scale, delete", async (context) => {
  const { run, v1, v2 } = await workplace(context);
  const done = async (...args: string[]) => {
    const result = await run(args);
    assert.equal(result.code, 0, `slipway ${args.join(" ")}\n${result.stderr}`);
    return result;
  };

  const created = await done("apply", "-f", v1, "--wait");
  assert.equal(created.stdout, "model.slipway.dev/digits created\n");
  assert.match(created.stderr, /digits: .*digits-[0-9a-f]{10} answers\.\n$/);
  assert.equal((await done("apply", "-f", v1)).stdout, "model.slipway.dev/digits unchanged\n");
  assert.equal((await done("diff", "-f", v1)).stdout, "");
  const first = JSON.parse((await done("get", "model", "digits", "-o", "json")).stdout);
  assert.equal(first.status.replicas, 1);
  assert.equal(first.metadata.managedFields, undefined);

  const plan = JSON.parse((await done("plan", "-f", v2, "-o", "json")).stdout).plans[0];
  const { from, to, isNew } = plan.control.revision;
  assert.deepEqual([from, isNew], [first.status.latestRevision, true]);
  assert.deepEqual([plan.control.start, plan.control.stop], [{ [to]: 1 }, { [from]: 1 }]);
  assert.deepEqual(plan.control.traffic.to, [{ revision: to, percent: 100 }]);
  const diff = await run(["diff", "-f", v2]);
  assert.equal(diff.code, 1);
  assert.match(diff.stdout, /^--- live\/default\/model\.slipway\.dev\/digits\n\+\+\+ applied/);
  assert.match(diff.stdout, /\n- {4}bundle: sha256:.*\n\+ {4}bundle: sha256:/);

  assert.equal((await done("apply", "-f", v2, "--wait")).stdout, "model.slipway.dev/digits configured\n");
  const second = JSON.parse((await done("get", "model", "digits", "-o", "json")).stdout);
  assert.equal(second.status.latestRevision, to, "the plan foresaw the revision");
  assert.deepEqual(second.status.traffic, [{ revision: to, percent: 100 }]);

  const back = await done("rollback", "digits", "--wait");
  assert.equal(back.stdout, `model.slipway.dev/digits rolled back to ${from} (was ${to})\n`);
  const pinned = await done("apply", "-f", v2);
  assert.equal(pinned.stdout, "model.slipway.dev/digits unchanged\n");
  assert.equal(pinned.stderr, `traffic stays pinned to ${from} by \`slipway rollback\`; a new revision clears it\n`);
  assert.match((await done("plan", "-f", v1)).stdout, /the pin of `slipway rollback` ends/);
  assert.equal((await done("rollback", "digits", "--to", to, "--wait")).code, 0);
  const unpinned = JSON.parse((await done("get", "model", "digits", "-o", "json")).stdout);
  assert.equal(unpinned.spec.traffic, undefined);

  await done("scale", "digits", "--replicas", "3", "--wait");
  const replicas = JSON.parse((await done("get", "replicas", "-o", "json")).stdout);
  assert.equal(replicas.kind, "List");
  assert.equal(replicas.items.length, 3);
  const [replica] = replicas.items;
  assert.deepEqual([replica.model, replica.revision, replica.state, typeof replica.pid], ["digits", to, "ready", "number"]);
  assert.deepEqual(Object.keys(replica.metadata), ["name", "namespace"]);

  assert.match((await done("get", "models")).stdout, /^NAME +.*\ndigits +/);
  assert.match((await done("get", "models", "-A", "-o", "wide")).stdout, /^NAMESPACE +NAME +.*\ndefault +digits +/);
  assert.equal((await done("get", "models,revisions".split(",")[0] ?? "", "-o", "name")).stdout, "model.slipway.dev/digits\n");
  assert.equal((await done("get", "revisions", "-l", "slipway.dev/model=digits", "-o", "name")).stdout.split("\n").length, 3);
  const described = (await done("describe", "model", "digits")).stdout;
  for (const part of ["Traffic:", "Instances:", "Revisions:", "Conditions:", "Events:", "Sandboxed"])
    assert.ok(described.includes(part), part);
  assert.match((await done("events", "digits")).stdout, /TrafficSwitched/);

  assert.equal((await done("delete", "model", "digits")).stdout, "model.slipway.dev/digits deleted\n");
  assert.equal((await run(["get", "model", "digits"])).code, 3);
  assert.equal((await run(["delete", "model", "digits"])).code, 3);
  await done("delete", "-f", v1, "--ignore-not-found");
});

test("get -w shows what is there, then each change, until it is interrupted", async (context) => {
  const { run, v1 } = await workplace(context);
  await run(["apply", "-f", v1, "--wait"]);
  const stop = new AbortController();
  const seen: string[] = [];
  const stdout = {
    isTTY: false,
    columns: undefined,
    write: (text: string) => {
      seen.push(text);
      if (seen.length === 1) scaled = run(["scale", "digits", "--replicas", "2", "--wait"]);
      if (/digits +True +2/.test(text)) stop.abort(new Interrupted("SIGINT"));
    },
  };
  let scaled: Promise<unknown> | undefined;
  const watched = await run(["get", "models", "-w"], "", { signal: stop.signal, stdout });
  await scaled;
  assert.equal(watched.code, 130);
  assert.match(seen[0] ?? "", /^NAME .*\ndigits +True +1 .*\n$/);
  assert.ok(seen.slice(1).every((text) => /^digits .*\n$/.test(text)));
});

test("completion asks the platform for names, and says nothing when there is none", async (context) => {
  const { run, v1 } = await workplace(context);
  await run(["apply", "-f", v1, "--wait"]);
  assert.equal((await run(["__complete", "models"])).stdout, "digits\n");
  assert.match((await run(["__complete", "replicas"])).stdout, /^digits-[0-9a-f]{10}-0\n$/);
  assert.deepEqual(await run(["__complete", "nonsense"]), { code: 0, stdout: "", stderr: "" });
});

test("doctor tells the state of the machine and of the platform", async (context) => {
  const { run, v1 } = await workplace(context);
  await run(["apply", "-f", v1, "--wait"]);
  const { code, stdout } = await run(["doctor", "-o", "json"]);
  const checks: { name: string; state: string; detail: string }[] = JSON.parse(stdout).checks;
  const state = (name: string) => checks.find((check) => check.name === name)?.state;
  assert.equal(code, 0, stdout);
  assert.deepEqual(["Node.js", "home", "ONNX Runtime", "control API", "models"].map(state), ["ok", "ok", "ok", "ok", "ok"]);
  assert.equal(state("sandbox"), "warn");
  assert.match((await run(["doctor"])).stdout, /^ok {4}Node\.js/);
});

test("predict sends a file and prints the answer; an unknown model is not found", async (context) => {
  const { run, folder } = await workplace(context);
  const request = await readFile(join(folder, "data", "request.json"), "utf8");
  const answer = await run(["predict", "digits", "-f", join(folder, "data", "request.json")]);
  assert.deepEqual([answer.code, answer.stdout.trim()], [0, request.trim()]);
  assert.deepEqual((await run(["predict", "digits", "-f", "-"], '{"inputs":[]}')).stdout, '{"inputs":[]}\n');
  const unknown = await run(["predict", "nothing", "-f", "-", "--revision", "r"], "{}");
  assert.deepEqual([unknown.code, unknown.stdout], [3, ""]);
  assert.match(unknown.stderr, /nothing at \/v2\/models\/nothing\/versions\/r\/infer/);
});

test("a source by its address: fetched when its bytes are new, and new bytes show in the plan", async (context) => {
  const { run, v1, folder } = await workplace(context);
  let version = "v1";
  const { host, seen } = await scriptedRegistry(context, async ({ method }, response) => {
    const bytes = await readFile(join(examples, version, "model.onnx"));
    response.writeHead(200, { etag: `"${version}"`, "content-length": bytes.length }).end(method === "HEAD" ? undefined : bytes);
  });
  const manifest = join(folder, "by-address.yaml");
  await writeFile(manifest, (await readFile(v1, "utf8")).replace("path: ./v1", `uri: http://${host}/digits/model.onnx`));
  const planned = async () => {
    const { code, stdout, stderr } = await run(["plan", "-f", manifest, "-o", "json"]);
    assert.equal(code, 0, stderr);
    const [plan] = JSON.parse(stdout).plans;
    const bundle = plan.fields.find(({ path }: { path: string }) => path === "spec.source.bundle");
    return { action: plan.action, bundle: bundle?.to };
  };
  const first = await planned();
  assert.equal(first.action, "create");
  const applied = await run(["apply", "-f", manifest, "--wait"]);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal((await planned()).action, "none");
  assert.equal(seen.filter(({ method }) => method === "GET").length, 1, "the same bytes are fetched once");
  version = "v2";
  const second = await planned();
  assert.equal(second.action, "configure");
  assert.match(second.bundle, /^sha256:[0-9a-f]{64}$/);
  const inspected = await run(["inspect", second.bundle, "--show", "provenance"]);
  assert.match(inspected.stdout, new RegExp(`"uri": "http://${host}/digits/model.onnx"`));

  const local = await run(["build", `file:${join(examples, "v1", "model.onnx")}`, "-o", "name"]);
  assert.equal(local.code, 0, local.stderr);
  const live = JSON.parse((await run(["get", "model", "digits", "-o", "json"])).stdout);
  assert.equal(live.spec.source.bundle, local.stdout.trim(), "the same file has one digest, however it came");

  await writeFile(manifest, (await readFile(manifest, "utf8")).replace("model.onnx", "model.zip"));
  const refused = await run(["plan", "-f", manifest]);
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /spec\.source\.uri: model\.zip is an archive/);
});

test("nothing is applied when any document is wrong, wherever that is found", async (context) => {
  const { run, v1, folder } = await workplace(context);
  const good = await readFile(v1, "utf8");
  const models = async () => JSON.parse((await run(["get", "models", "-o", "json"])).stdout).items.length;

  await writeFile(
    join(folder, "two.yaml"),
    `${good}---\n${good.replace("name: digits", "name: other").replace("maxReplicas", "maxReplica")}`,
  );
  const unknown = await run(["apply", "-f", join(folder, "two.yaml")]);
  assert.equal(unknown.code, 5);
  assert.match(unknown.stderr, /two\.yaml:27:5: spec\.scaling\.maxReplica: unknown field; did you mean "maxReplicas"\?/);

  await writeFile(join(folder, "two.yaml"), `${good}---\n${good.replace("name: digits", "name: other").replace("./v1", "./v9")}`);
  const unbuildable = await run(["apply", "-f", join(folder, "two.yaml"), "-o", "json"]);
  assert.equal(unbuildable.code, 5);
  const [problem] = JSON.parse(unbuildable.stderr).error.problems;
  assert.deepEqual([problem.path, problem.line], ["spec.source.path", 21]);

  // Only the API knows that the namespace is missing.
  await writeFile(join(folder, "two.yaml"), `${good}---\n${good.replace("name: digits", "name: other\n  namespace: nowhere")}`);
  const refused = await run(["apply", "-f", join(folder, "two.yaml")]);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /model\.slipway\.dev\/other: /);

  assert.equal(await models(), 0);
  const dry = await run(["apply", "-f", v1, "--dry-run"]);
  assert.deepEqual([dry.code, dry.stdout], [0, "model.slipway.dev/digits created (dry run)\n"]);
  assert.equal(await models(), 0);
});

test("a namespace and what goes into it can be in one file, in any order", async (context) => {
  const { run, v1, folder } = await workplace(context);
  const model = (await readFile(v1, "utf8")).replace("name: digits", "name: digits\n  namespace: lab");
  await writeFile(join(folder, "both.yaml"), `${model}---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: lab\n`);
  const applied = await run(["apply", "-f", join(folder, "both.yaml"), "--wait"]);
  assert.equal(applied.code, 0, applied.stderr);
  assert.equal(applied.stdout, "namespace/lab created\nmodel.slipway.dev/digits created\n");
  assert.match((await run(["get", "models", "-n", "lab"])).stdout, /digits/);
  assert.match((await run(["get", "models"])).stderr, /No models found in namespace default/);
});

test("a conflict names the owner and exits with 4; --force takes over", async (context) => {
  const { run, v1 } = await workplace(context);
  await run(["apply", "-f", v1, "--wait"]);
  await run(["scale", "digits", "--replicas", "2"]);
  const text = (await readFile(v1, "utf8")).replace("./v1", join(examples, "v1")).replace("spec:", "spec:\n  replicas: 1");
  const refused = await run(["apply", "-f", "-"], text);
  assert.equal(refused.code, 4);
  assert.match(refused.stderr, /slipway-scale/);
  assert.match(refused.stderr, /spec\.replicas/);
  assert.match(refused.stderr, /--force/);
  assert.equal((await run(["apply", "-f", "-", "--force"], text)).stdout, "model.slipway.dev/digits configured\n");
});

test("--wait ends at once when the model can never serve, and in time when it does not", async (context) => {
  const { run, v1, v2, backend } = await workplace(context);
  const bundle = (await run(["build", join(examples, "v1"), "-o", "name"])).stdout.trim();
  backend.invalidModel(bundle);
  const invalid = await run(["apply", "-f", v1, "--wait"]);
  assert.equal(invalid.code, 5);
  assert.match(invalid.stderr, /error: Model digits cannot become ready: digits-[0-9a-f]{10} cannot start/);

  backend.startMs = 10_000;
  const slow = await run(["apply", "-f", v2, "--wait", "--timeout", "300ms", "-o", "json"]);
  assert.equal(slow.code, 6);
  const report = JSON.parse(slow.stderr.slice(slow.stderr.indexOf("\n{") + 1));
  assert.match(report.error.message, /was not ready within 0\.3 s: 0 of 1 replicas are ready; .* is starting/);

  const replicas = JSON.parse((await run(["get", "replicas", "-o", "json"])).stdout).items;
  const stuck = replicas.find((replica: { state: string }) => replica.state === "starting");
  backend.startMs = 5;
  assert.ok(backend.crash("default", stuck.metadata.name));
  assert.equal((await run(["apply", "-f", v2, "--wait"])).code, 0);
});

test("build prints the digest, and with -f the manifest with the digest, comments and all", async (context) => {
  const { run, folder, v1 } = await workplace(context);
  const built = await run(["build", join(folder, "v1"), "-o", "json"]);
  const { digest } = JSON.parse(built.stdout);
  assert.match(digest, /^sha256:[0-9a-f]{64}$/);
  await writeFile(v1, `# mine\n${await readFile(v1, "utf8")}`);
  const manifest = await run(["build", "-f", v1, "-o", "yaml"]);
  assert.equal(manifest.code, 0, manifest.stderr);
  assert.match(manifest.stdout, /^# mine\n/);
  assert.ok(manifest.stdout.includes(`source:\n    bundle: ${digest}\n`), manifest.stdout);
  assert.equal((await run(["apply", "-f", "-", "--wait"], manifest.stdout)).code, 0);
  assert.equal((await run(["build", join(folder, "reference")])).code, 5);
  assert.equal((await run(["build", join(folder, "nothing-here")])).code, 3);
});
