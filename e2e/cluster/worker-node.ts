import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectOf, startComponent } from "./component.ts";
import { kubeconfigOf, pki } from "./credentials.ts";
import type { NodeLayout } from "./layout.ts";
import { cgroupName, inside, network, stateFolder } from "./layout.ts";
import { machineNamed } from "./machine.ts";
import type { ClusterState } from "./state.ts";

const socket = "/run/containerd/containerd.sock";

/** Starts containerd, kubelet and kube-proxy on a machine; the node becomes Ready some seconds later. */
export async function startNode(state: ClusterState, node: NodeLayout, pauseImage: string): Promise<void> {
  const file = (name: string) => `${inside.state}/${node.name}/${name}`;
  const write = (name: string, text: string) => {
    mkdirSync(join(stateFolder, node.name, "cni"), { recursive: true });
    writeFileSync(join(stateFolder, node.name, name), text);
  };
  write("containerd.toml", containerdConfig(file("cni"), pauseImage));
  write("cni/10-pods.conflist", JSON.stringify(podNetwork(node), undefined, 2));
  write("kubelet.yaml", JSON.stringify(kubeletConfig(node, file("resolv.conf")), undefined, 2));
  // Pods resolve the cluster's names and no others: tests must not depend on the outside.
  write("resolv.conf", "");

  const containerd = await startComponent(state, node.name, "containerd", [
    "/usr/bin/containerd",
    "--config",
    file("containerd.toml"),
  ]);
  // Kubelet gives up when the socket is not there yet.
  const root = `/proc/${machineNamed(state, node.name).init.pid}/root`;
  await expectOf(containerd, `containerd's socket on ${node.name}`, 20, async () => existsSync(`${root}${socket}`));
  await startComponent(state, node.name, "kubelet", [
    `${inside.bin}/kubelet`,
    `--config=${file("kubelet.yaml")}`,
    `--kubeconfig=${kubeconfigOf(`kubelet.${node.name}`)}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address}`,
    "--root-dir=/var/lib/kubelet",
  ]);
  await startComponent(state, node.name, "kube-proxy", [
    `${inside.bin}/kube-proxy`,
    `--kubeconfig=${kubeconfigOf("kube-proxy")}`,
    `--hostname-override=${node.name}`,
    `--cluster-cidr=${network.pods}`,
    "--proxy-mode=iptables",
    // These belong to the whole kernel; 0 leaves them alone.
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0",
    "--conntrack-tcp-timeout-close-wait=0",
    "--oom-score-adj=0",
  ]);
}

function kubeletConfig(node: NodeLayout, resolvConf: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pki("ca.crt") } },
    authorization: { mode: "Webhook" },
    tlsCertFile: pki(`${node.name}.kubelet.crt`),
    tlsPrivateKeyFile: pki(`${node.name}.kubelet.key`),
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroupName}/${node.name}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [network.dns],
    clusterDomain: "cluster.local",
    resolvConf,
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    // The disk is the host's: how full it is says nothing about this node.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%", "nodefs.inodesFree": "1%" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // Below zero needs CAP_SYS_RESOURCE, which root does not have everywhere.
    oomScoreAdj: 0,
    readOnlyPort: 0,
  };
}

/** Pods are routed, not bridged: then a Service reaches a pod of the same node without the kernel's bridge filter. */
function podNetwork(node: NodeLayout): object {
  const ipam = { type: "host-local", ranges: [[{ subnet: node.pods }]], routes: [{ dst: "0.0.0.0/0" }] };
  return {
    cniVersion: "0.4.0",
    name: "pods",
    plugins: [
      { type: "ptp", ipMasq: false, ipam },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
}

function containerdConfig(networks: string, pauseImage: string): string {
  return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE a container's score cannot be lowered, and runc would fail.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networks}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${inside.state}/registry-hosts"
`;
}
