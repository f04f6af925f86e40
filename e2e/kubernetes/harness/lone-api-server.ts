import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@slipway/base";
import { type ClusterConnection, connectCluster } from "@slipway/kubernetes";
import { binaryFolder } from "../../cluster/binaries.ts";
import { eventually } from "../../harness/eventually.ts";

/**
 * A real API server with etcd and what empties namespaces, and nothing else: no nodes, and nobody else's objects. No garbage collector either: it
 * follows watches, one for each kind, and takes an owner away whose newest dependents it has not seen yet. A test that removes right after it
 * wrote could end in more than one way.
 */
export interface LoneApiServer {
  readonly connection: ClusterConnection;
  close(): Promise<void>;
}

const token = "the-administrator";

/** Starts one on loopback; needs the programs that `npm run cluster -- up` builds, but not root. */
export async function startLoneApiServer(): Promise<LoneApiServer> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-api-server-"));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const processes: ChildProcess[] = [];
  const start = (name: string, args: readonly string[]) => {
    const log = openSync(join(folder, `${name}.log`), "w");
    processes.push(spawn(join(binaryFolder, name), args, { stdio: ["ignore", log, log] }));
  };
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const etcd = `http://127.0.0.1:${client}`;
  start("etcd", [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ]);
  start("kube-apiserver", [
    `--etcd-servers=${etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${secure}`,
    `--cert-dir=${join(folder, "certificates")}`,
    `--token-auth-file=${file("tokens.csv", `${token},admin,admin,system:masters\n`)}`,
    "--authorization-mode=AlwaysAllow",
    "--disable-admission-plugins=ServiceAccount",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("accounts.pub", publicKey)}`,
    `--service-account-signing-key-file=${file("accounts.key", privateKey)}`,
  ]);
  const server = `https://127.0.0.1:${secure}`;
  const access = { server, insecure: true, credential: { type: "token", token: { text: token } } } as const;
  const connection = await connectCluster(access, { clock: systemClock });
  const close = async () => {
    await connection.close();
    // The last first: none is to complain of one that is gone.
    for (const each of processes.reverse()) {
      const ended = new Promise((resolve) => each.once("exit", resolve));
      each.kill("SIGKILL");
      if (each.exitCode === null && each.signalCode === null) await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually("the API server is ready", 60, async () => {
      const answer = await connection.fetch(`${server}/readyz`, { method: "GET", headers: {} }).catch(() => undefined);
      return answer?.ok === true;
    });
    start("kube-controller-manager", [
      `--kubeconfig=${file("kubeconfig", JSON.stringify(kubeconfig(server)))}`,
      "--controllers=namespace-controller",
      "--leader-elect=false",
      "--secure-port=0",
    ]);
    return { connection, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function kubeconfig(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lone", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "lone", context: { cluster: "lone", user: "admin" } }],
    "current-context": "lone",
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
