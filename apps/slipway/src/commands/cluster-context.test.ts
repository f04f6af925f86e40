import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "@slipway/base";
import { FakeBackend } from "@slipway/testkit";
import { parse, stringify } from "yaml";
import { runForTest } from "../testing/run-cli.ts";
import { startTestPlatform } from "../testing/test-platform.ts";
import { nowhere } from "./nowhere.ts";

const manifest = join(import.meta.dirname, "../../../../examples/digits/model.yaml");

/** A control API that stands in for a cluster's, reached by the context `prod` alone: no platform runs in the home. */
async function clusterOf(context: TestContext) {
  const backend = new FakeBackend({ clock: systemClock, startMs: 5, drainMs: 5 });
  const { folder } = await startTestPlatform(context, backend);
  const { clusters, users } = parse(await readFile(join(folder, "kubeconfig"), "utf8"));
  const path = join(folder, "config");
  const kubeconfig = {
    "current-context": "other",
    clusters: [
      { name: "c", cluster: { server: clusters[0].cluster.server } },
      { name: "away", cluster: { server: "http://127.0.0.1:2" } },
    ],
    users: [
      { name: "u", user: users[0].user },
      { name: "stranger", user: { token: "wrong" } },
    ],
    contexts: [
      { name: "prod", context: { cluster: "c", user: "u", namespace: "vision" } },
      { name: "stranger", context: { cluster: "c", user: "stranger" } },
      { name: "away", context: { cluster: "away", user: "u" } },
    ],
  };
  await writeFile(path, stringify(kubeconfig));
  const env = { HOME: folder, KUBECONFIG: path };
  const platform = { ...nowhere.platform, version: "0.0.0", read: async () => undefined };
  const run = (args: readonly string[], more: object = {}) => runForTest(args, { env, platform, cwd: folder, ...more });
  return { run, folder, env };
}

test("every command works through a context, and its namespace is the one meant", async (context) => {
  const { run } = await clusterOf(context);
  const done = async (args: readonly string[], input = "") => {
    const result = await run(["--context", "prod", ...args], { input });
    assert.equal(result.code, 0, `slipway ${args.join(" ")}\n${result.stderr}`);
    return result.stdout;
  };
  const built = (await run(["build", "-f", manifest, "-o", "yaml"])).stdout.replace(/\n {2}namespace: .*/, "");
  await done(["apply", "-f", "-"], "apiVersion: v1\nkind: Namespace\nmetadata: { name: vision }\n");
  assert.equal(await done(["apply", "-f", "-", "--wait"], built), "model.slipway.dev/digits created\n");
  assert.match(await done(["get", "models", "-A"]), /\nvision +digits /);
  assert.match(await done(["get", "models"]), /\ndigits /);
  assert.equal(
    (await run(["--context", "prod", "get", "models", "-n", "default"])).stderr,
    "No models found in namespace default.\n",
  );
  assert.match(await done(["plan", "-f", "-"], built), /would not change/);
  assert.equal(await done(["diff", "-f", "-"], built), "");
  assert.match(await done(["describe", "model", "digits"]), /Namespace: +vision/);
  assert.equal(await done(["scale", "digits", "--replicas", "2", "--wait"]), "model.slipway.dev/digits scaled\n");
  assert.match(await done(["events", "digits"]), /digits/);
  assert.match((await run(["--context", "prod", "rollback", "digits"])).stderr, /has no earlier revision/);
  assert.equal(await done(["delete", "model", "digits"]), "model.slipway.dev/digits deleted\n");
});

test("what keeps a command from a cluster is said in a sentence", async (context) => {
  const { run, folder, env } = await clusterOf(context);
  const says = async (args: readonly string[], code: number, message: RegExp, more: object = {}) => {
    const result = await run(args, more);
    assert.equal(result.code, code, `slipway ${args.join(" ")}: ${result.stderr}`);
    assert.match(result.stderr, message);
  };
  await says(["get", "models", "--context", "nope"], 3, /no context "nope".\nhint: It has prod, stranger, away\./);
  await says(["get", "models", "--context", ""], 2, /--context needs a name/);
  await says(
    ["get", "models", "--context", "away"],
    7,
    /of context away, http:\/\/127\.0\.0\.1:2, cannot be reached: the connection was refused/,
  );
  await says(["get", "models", "--context", "stranger"], 1, /context stranger does not take its credential/);
  await says(["--context", "prod", "up"], 2, /works on this machine only/);
  await says(
    ["apply", "--context", "prod", "-f", manifest],
    2,
    /digits has a directory as its source, and a cluster runs images/,
  );
  await says(["get", "models", "--context", "prod"], 2, /There is no kubeconfig: .*\/\.kube\/config does not exist/, {
    env: { HOME: folder },
  });
  await says(["predict", "digits", "-f", "-", "--context", "prod"], 2, /not said where .*gateway.*\n?.*port-forward/s);
  await says(["predict", "digits", "-f", "-", "--context", "prod", "--gateway", "127.0.0.1"], 2, /is not an address/);
  await says(["predict", "digits", "-f", "-", "--context", "prod", "--gateway", "http://127.0.0.1:2"], 2, /no key is given/);
  await says(["predict", "digits", "-f", "-", "--context", "prod", "--gateway", "http://127.0.0.1:2"], 7, /cannot be reached/, {
    env: { ...env, SLIPWAY_API_KEY: "slw_a_b" },
  });
  await says(["predict", "digits", "-f", "-", "--gateway", "http://127.0.0.1:2"], 2, /no --context is given/);
});

test("a prediction bears the key, and the Service's name where the gateway is reached by an address", async (context) => {
  const { run, env } = await clusterOf(context);
  const seen: IncomingHttpHeaders[] = [];
  const gateway = createServer(async (incoming, response) => {
    seen.push(incoming.headers);
    let body = "";
    for await (const chunk of incoming) body += chunk;
    response.writeHead(body === "redirect" ? 302 : 200, { location: "http://127.0.0.1:2/" }).end(body);
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  context.after(() => void gateway.close());
  const { port } = gateway.address() as AddressInfo;
  const predict = (host: string, input: string) =>
    run(["predict", "digits", "-f", "-", "--context", "prod", "--gateway", `http://${host}:${port}`], {
      input,
      env: { ...env, SLIPWAY_API_KEY: "slw_a_b" },
    });
  assert.equal((await predict("127.0.0.1", "{}")).stdout, "{}\n");
  assert.deepEqual([seen[0]?.host, seen[0]?.authorization], ["slipway-gateway", "Bearer slw_a_b"]);
  assert.notEqual((await predict("127.0.0.1", "redirect")).code, 0);
  assert.equal(seen.length, 2, "no redirect is followed");
});
