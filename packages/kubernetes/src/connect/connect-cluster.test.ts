import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock, VirtualClock } from "@slipway/base";
import { openMemoryStore } from "@slipway/store";
import { KubernetesStore } from "../store/kubernetes-store.ts";
import { startApiServer } from "../testing/api-server.ts";
import type { ClusterAccess, Credential } from "./cluster-access.ts";
import { connectCluster } from "./connect-cluster.ts";
import { tokenSource } from "./token-source.ts";

async function standIn(t: TestContext) {
  const store = openMemoryStore({ clock: systemClock });
  const server = await startApiServer(store, systemClock, { tls: true });
  const directory = await mkdtemp(join(tmpdir(), "slipway-connect-"));
  t.after(async () => {
    await server.close();
    store.close();
    await rm(directory, { recursive: true });
  });
  /** The name of the default namespace as read through this access, or the code of the refusal. */
  const reads = async (access: Omit<ClusterAccess, "server">) => {
    const connection = await connectCluster({ server: server.baseUrl, ...access }, { clock: systemClock, environment: {} });
    try {
      const cluster = new KubernetesStore({ server: connection, clock: systemClock });
      return (await cluster.get("Namespace", { name: "default" }))?.metadata.name;
    } catch (caught) {
      return (caught as { code?: string }).code;
    } finally {
      await connection.close();
    }
  };
  return { server, directory, reads };
}

test("a token from the kubeconfig, a file or a program opens the cluster; none, or a wrong one, does not", async (t) => {
  const { server, directory, reads } = await standIn(t);
  const ca = { text: server.ca };
  const file = join(directory, "token");
  await writeFile(file, `${server.token}\n`);
  const program = join(directory, "login");
  const answer = JSON.stringify({ kind: "ExecCredential", status: { token: server.token } });
  await writeFile(program, `#!/bin/sh\necho '${answer}'\n`);
  await chmod(program, 0o755);
  const run = (command: string): Credential => ({
    type: "program",
    program: { apiVersion: "client.authentication.k8s.io/v1", command, args: [], env: {} },
  });
  assert.equal(await reads({ ca, credential: { type: "token", token: { text: server.token } } }), "default");
  assert.equal(await reads({ ca, credential: { type: "token", token: { path: file } } }), "default");
  assert.equal(await reads({ ca, credential: run(program) }), "default");
  assert.equal(await reads({ ca, credential: { type: "token", token: { text: "wrong" } } }), "unauthenticated");
  assert.equal(await reads({ ca, credential: { type: "none" } }), "unauthenticated");
  assert.equal(await reads({ ca, credential: run("/bin/false") }), "unauthenticated");
});

test("a credential program is told of the cluster if it asks, and its token is renewed before it ends", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-program-"));
  t.after(() => rm(directory, { recursive: true }));
  const command = join(directory, "login");
  // Its token is what it was told, and its lifetime two minutes of the test's clock.
  const answer = `{"status":{"token":"'$(printf %s "$KUBERNETES_EXEC_INFO" | base64 -w0)'","expirationTimestamp":"2026-01-01T00:02:00Z"}}`;
  await writeFile(command, `#!/bin/sh\necho run >> "$COUNT"\nprintf %s '${answer}'\n`);
  await chmod(command, 0o755);
  const count = join(directory, "count");
  const program = {
    apiVersion: "client.authentication.k8s.io/v1",
    command,
    args: [],
    env: { COUNT: count },
    cluster: { server: "https://api.example", ca: { text: "CA" } },
  };
  const clock = new VirtualClock();
  const token = tokenSource({ type: "program", program }, { clock, environment: { PATH: "/usr/bin:/bin" } });
  const told = JSON.parse(Buffer.from((await token()) ?? "", "base64").toString());
  const data = Buffer.from("CA").toString("base64");
  assert.deepEqual(told.spec, {
    interactive: false,
    cluster: { server: "https://api.example", "certificate-authority-data": data },
  });
  const runs = async () => (await readFile(count, "utf8")).trim().split("\n").length;
  await clock.advance(59_999);
  await token();
  assert.equal(await runs(), 1);
  await clock.advance(1);
  await token();
  assert.equal(await runs(), 2);
});

test("a server that its authority does not vouch for is not spoken to, unless that was asked for by name", async (t) => {
  const { server, reads } = await standIn(t);
  const credential: Credential = { type: "token", token: { text: server.token } };
  assert.equal(await reads({ credential }), "unavailable");
  assert.equal(await reads({ credential, insecure: true }), "default");
});

test("a token file is read again after a minute, as kubelet replaces it", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-token-"));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, "token");
  const clock = new VirtualClock();
  const token = tokenSource({ type: "token", token: { path } }, { clock, environment: {} });
  await assert.rejects(token(), { code: "unauthenticated" });
  await writeFile(path, "one");
  assert.equal(await token(), "one");
  await writeFile(path, "two");
  assert.equal(await token(), "one");
  await clock.advance(60_000);
  assert.equal(await token(), "two");
});
