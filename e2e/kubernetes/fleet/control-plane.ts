import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryFolder, buildBinaries } from "../../cluster/binaries.ts";
import { Authority } from "../../cluster/certificates.ts";
import { eventually } from "../../harness/eventually.ts";
import { ApiDoor } from "../../parity/api-door.ts";
import { judge } from "../judges/judge-binaries.ts";

/** Whose requests the API server writes down: the operator, as its pods are. */
export const operatorUser = "system:serviceaccount:slipway-system:slipway-operator";

const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", users: [operatorUser] }, { level: "None" }],
};

/** Enough that what is measured is the operator and not the queues of Kubernetes' own clients. */
const quick = ["--kube-api-qps=2000", "--kube-api-burst=4000"];

/**
 * A control plane of its own on loopback: etcd, API server, controllers, scheduler, and kwok in the place of every kubelet. It needs neither root nor
 * the test cluster, and what goes on there does not reach it. All of it ends with `close`.
 */
export class FleetControlPlane {
  /** A kubeconfig of an administrator. */
  readonly kubeconfig: string;
  /** A kubeconfig of the operator, with the rights its pods have. */
  readonly operatorKubeconfig: string;
  /** What the API server wrote down of the operator's requests. */
  readonly auditLog: string;
  private readonly folder: string;
  private readonly children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.kubeconfig = join(folder, "admin.kubeconfig");
    this.operatorKubeconfig = join(folder, "operator.kubeconfig");
    this.auditLog = join(folder, "audit.log");
  }

  static async up(say: (line: string) => void): Promise<FleetControlPlane> {
    await buildBinaries(say);
    const plane = new FleetControlPlane(mkdtempSync(join(tmpdir(), "slipway-fleet-")));
    try {
      await plane.start();
    } catch (error) {
      const log = plane.logs();
      await plane.close();
      throw new Error(`the control plane did not start:\n${log}`, { cause: error });
    }
    return plane;
  }

  /** Starts kwok, which plays the kubelets of all nodes. */
  async startKwok(): Promise<void> {
    this.spawn("kwok", await judge("kwok"), [
      `--kubeconfig=${this.kubeconfig}`,
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=40",
      "--cidr=10.214.0.0/16",
    ]);
  }

  /** The ends of all logs, for a message. */
  logs(): string {
    return ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"]
      .map((name) => {
        try {
          return `${name}: ${readFileSync(join(this.folder, `${name}.log`), "utf8")
            .split("\n")
            .slice(-8)
            .join("\n")}`;
        } catch {
          return `${name}: not started`;
        }
      })
      .join("\n");
  }

  async close(): Promise<void> {
    // The API server before etcd, or it takes a minute to give up.
    for (const child of this.children.reverse()) await ended(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async start(): Promise<void> {
    const [etcdPort, peerPort, apiPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const file = (name: string) => join(this.folder, name);
    const authority = await Authority.create("slipway-fleet");
    const server = await authority.issue({ name: "kube-apiserver", dns: ["localhost"], ips: ["127.0.0.1"] });
    writeFileSync(file("ca.crt"), authority.identity.certificate);
    writeFileSync(file("ca.key"), authority.identity.key);
    writeFileSync(file("server.crt"), server.certificate);
    writeFileSync(file("server.key"), server.key);
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(file("accounts.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(file("accounts.pub"), publicKey.export({ type: "spki", format: "pem" }));
    writeFileSync(file("audit.json"), JSON.stringify(auditPolicy));
    const administrator = await authority.issue({ name: "admin", group: "system:masters" });
    writeFileSync(this.kubeconfig, kubeconfig(apiPort!, authority, administrator));
    const operator = await authority.issue({ name: operatorUser, group: "system:serviceaccounts" });
    writeFileSync(this.operatorKubeconfig, kubeconfig(apiPort!, authority, operator));
    mkdirSync(file("etcd"));

    this.spawn("etcd", join(binaryFolder, "etcd"), [
      `--data-dir=${file("etcd")}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ]);
    this.spawn("kube-apiserver", join(binaryFolder, "kube-apiserver"), [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${apiPort}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      // There is no Service network; the address of the API server's own Service cannot be loopback.
      "--endpoint-reconciler-type=none",
      "--service-cluster-ip-range=10.215.0.0/16",
      "--authorization-mode=RBAC",
      "--max-requests-inflight=2000",
      "--max-mutating-requests-inflight=1000",
      `--client-ca-file=${file("ca.crt")}`,
      `--tls-cert-file=${file("server.crt")}`,
      `--tls-private-key-file=${file("server.key")}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${file("accounts.pub")}`,
      `--service-account-signing-key-file=${file("accounts.key")}`,
      `--audit-policy-file=${file("audit.json")}`,
      `--audit-log-path=${this.auditLog}`,
    ]);
    const door = await ApiDoor.open(this.kubeconfig);
    try {
      await eventually("the API server is ready", 120, async () => {
        const { status } = await door.call({ method: "GET", path: "/readyz" });
        return status === 200;
      });
    } finally {
      await door.close();
    }
    this.spawn("kube-controller-manager", join(binaryFolder, "kube-controller-manager"), [
      `--kubeconfig=${this.kubeconfig}`,
      "--leader-elect=false",
      "--secure-port=0",
      ...quick,
      "--concurrent-deployment-syncs=20",
      "--concurrent-replicaset-syncs=20",
      `--service-account-private-key-file=${file("accounts.key")}`,
      `--root-ca-file=${file("ca.crt")}`,
    ]);
    this.spawn("kube-scheduler", join(binaryFolder, "kube-scheduler"), [
      `--kubeconfig=${this.kubeconfig}`,
      "--leader-elect=false",
      "--secure-port=0",
      ...quick,
    ]);
  }

  private spawn(name: string, program: string, args: readonly string[]): void {
    const log = openSync(join(this.folder, `${name}.log`), "a");
    this.children.push(spawn(program, args, { stdio: ["ignore", log, log] }));
  }
}

/** Ends a child, by force if it does not want to, and waits until it has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  const gone = () => child.exitCode !== null || child.signalCode !== null;
  child.kill("SIGTERM");
  await eventually("the program ends", 15, async () => gone()).catch(() => child.kill("SIGKILL"));
  await eventually("the program ends by force", 15, async () => gone());
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function kubeconfig(port: number, authority: Authority, user: { certificate: string; key: string }): string {
  const encode = (pem: string) => Buffer.from(pem).toString("base64");
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": encode(authority.identity.certificate),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fleet", cluster }],
    users: [{ name: "user", user: { "client-certificate-data": encode(user.certificate), "client-key-data": encode(user.key) } }],
    contexts: [{ name: "fleet", context: { cluster: "fleet", user: "user" } }],
    "current-context": "fleet",
  });
}
