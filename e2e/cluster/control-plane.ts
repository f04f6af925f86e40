import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectOf, startComponent } from "./component.ts";
import { kubeconfigOf, pki } from "./credentials.ts";
import { kubectl } from "./kubectl.ts";
import { controlName, inside, network, registryHost, stateFolder } from "./layout.ts";
import type { ClusterState } from "./state.ts";

const etcdAddress = "http://127.0.0.1:2379";

/** Starts the registry that nodes pull from. */
export async function startRegistry(state: ClusterState): Promise<void> {
  const config = {
    version: 0.1,
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: "/var/lib/registry" }, delete: { enabled: true } },
    http: { addr: registryHost },
  };
  writeFileSync(join(stateFolder, "registry.yaml"), JSON.stringify(config));
  // It pulls over plain HTTP, which containerd must be told of.
  const hosts = join(stateFolder, "registry-hosts", registryHost);
  mkdirSync(hosts, { recursive: true });
  writeFileSync(join(hosts, "hosts.toml"), `[host."http://${registryHost}"]\n  capabilities = ["pull", "resolve"]\n`);
  const registry = await startComponent(state, controlName, "registry", [
    "/usr/bin/docker-registry",
    "serve",
    `${inside.state}/registry.yaml`,
  ]);
  await expectOf(registry, "the registry answers", 20, async () => (await fetch(`http://${registryHost}/v2/`)).ok);
}

/** Starts etcd and the API server; resolves when the API server says that it is ready. */
export async function startApiServer(state: ClusterState): Promise<void> {
  await startComponent(state, controlName, "etcd", [
    `${inside.bin}/etcd`,
    "--data-dir=/var/lib/etcd",
    `--listen-client-urls=${etcdAddress}`,
    `--advertise-client-urls=${etcdAddress}`,
    "--listen-peer-urls=http://127.0.0.1:2380",
    // The data is thrown away with the cluster; waiting for the disk would only slow the tests.
    "--unsafe-no-fsync",
    "--log-level=warn",
  ]);
  const server = await startComponent(state, controlName, "kube-apiserver", [
    `${inside.bin}/kube-apiserver`,
    `--etcd-servers=${etcdAddress}`,
    `--secure-port=${network.apiPort}`,
    // Pods reach it under this address, so it must not be loopback.
    `--advertise-address=${network.control}`,
    `--service-cluster-ip-range=${network.services}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    // So that a test can have pods changed on their way in, as service meshes do, without a webhook of its own. On by default from 1.36.
    "--feature-gates=MutatingAdmissionPolicy=true",
    "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    "--allow-privileged=true",
    `--client-ca-file=${pki("ca.crt")}`,
    `--tls-cert-file=${pki("apiserver.crt")}`,
    `--tls-private-key-file=${pki("apiserver.key")}`,
    `--kubelet-certificate-authority=${pki("ca.crt")}`,
    `--kubelet-client-certificate=${pki("apiserver-to-kubelet.crt")}`,
    `--kubelet-client-key=${pki("apiserver-to-kubelet.key")}`,
    // Node names cannot be resolved here.
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki("service-accounts.pub")}`,
    `--service-account-signing-key-file=${pki("service-accounts.key")}`,
    // The aggregation layer, which metrics-server needs; there is no kube-proxy beside the API server.
    "--enable-aggregator-routing=true",
    `--proxy-client-cert-file=${pki("front-proxy-client.crt")}`,
    `--proxy-client-key-file=${pki("front-proxy-client.key")}`,
    `--requestheader-client-ca-file=${pki("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
  ]);
  await expectOf(server, "the API server is ready", 60, async () => (await kubectl("get", "--raw", "/readyz")) === "ok");
}

/** Starts the controllers and the scheduler. */
export async function startControllers(state: ClusterState): Promise<void> {
  const credentials = (program: string) => [
    `--kubeconfig=${kubeconfigOf(program)}`,
    `--authentication-kubeconfig=${kubeconfigOf(program)}`,
    `--authorization-kubeconfig=${kubeconfigOf(program)}`,
    // One of each: there is nobody to elect a leader against.
    "--leader-elect=false",
  ];
  await startComponent(state, controlName, "kube-controller-manager", [
    `${inside.bin}/kube-controller-manager`,
    ...credentials("kube-controller-manager"),
    "--use-service-account-credentials=true",
    `--service-account-private-key-file=${pki("service-accounts.key")}`,
    `--root-ca-file=${pki("ca.crt")}`,
    `--cluster-signing-cert-file=${pki("ca.crt")}`,
    `--cluster-signing-key-file=${pki("ca.key")}`,
    `--cluster-cidr=${network.pods}`,
    // Shorter than the defaults (15 s, 5 min, 5 min), so that a test of scaling takes a minute instead of ten.
    "--horizontal-pod-autoscaler-sync-period=5s",
    "--horizontal-pod-autoscaler-cpu-initialization-period=20s",
    "--horizontal-pod-autoscaler-downscale-stabilization=30s",
  ]);
  await startComponent(state, controlName, "kube-scheduler", [`${inside.bin}/kube-scheduler`, ...credentials("kube-scheduler")]);
}
