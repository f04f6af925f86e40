import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "./certificates.ts";
import { Authority, writeIdentity, writeServiceAccountKeys } from "./certificates.ts";
import { inside, kubeconfigPath, network, nodes, stateFolder } from "./layout.ts";

/** A file of the cluster's keys and certificates, as its machines see it. */
export function pki(file: string): string {
  return `${inside.state}/pki/${file}`;
}

/** The kubeconfig of one of the cluster's programs, as its machine sees it. */
export function kubeconfigOf(program: string): string {
  return `${inside.state}/kubeconfigs/${program}`;
}

/** Makes every key, certificate and kubeconfig of a new cluster. */
export async function makeCredentials(): Promise<void> {
  const authority = await Authority.create("slipway-test-cluster");
  const frontProxy = await Authority.create("slipway-test-cluster-front-proxy");
  writeIdentity("ca", authority.identity);
  writeIdentity("front-proxy-ca", frontProxy.identity);
  writeIdentity("front-proxy-client", await frontProxy.issue({ name: "front-proxy-client" }));
  writeServiceAccountKeys();
  writeIdentity(
    "apiserver",
    await authority.issue({
      name: "kube-apiserver",
      dns: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"],
      ips: ["127.0.0.1", network.control, network.apiService],
    }),
  );
  writeIdentity("apiserver-to-kubelet", await authority.issue({ name: "kube-apiserver", group: "system:masters" }));
  for (const node of nodes) {
    writeIdentity(`${node.name}.kubelet`, await authority.issue({ name: node.name, dns: [node.name], ips: [node.address] }));
    await program(`kubelet.${node.name}`, `system:node:${node.name}`, "system:nodes");
  }
  for (const name of ["kube-controller-manager", "kube-scheduler", "kube-proxy"]) await program(name, `system:${name}`);
  const administrator = await authority.issue({ name: "admin", group: "system:masters" });
  writeFileSync(kubeconfigPath, kubeconfig("slipway-test-cluster", administrator, authority), { mode: 0o600 });

  async function program(file: string, name: string, group?: string): Promise<void> {
    const identity = await authority.issue(group === undefined ? { name } : { name, group });
    const folder = join(stateFolder, "kubeconfigs");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), kubeconfig(name, identity, authority), { mode: 0o600 });
  }
}

function kubeconfig(user: string, identity: Identity, authority: Authority): string {
  const encode = (pem: string) => Buffer.from(pem).toString("base64");
  const name = "slipway-test-cluster";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: {
          server: `https://${network.control}:${network.apiPort}`,
          "certificate-authority-data": encode(authority.identity.certificate),
        },
      },
    ],
    users: [
      { name: user, user: { "client-certificate-data": encode(identity.certificate), "client-key-data": encode(identity.key) } },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
    "current-context": name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
