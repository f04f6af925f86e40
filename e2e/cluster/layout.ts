import { homedir } from "node:os";
import { join } from "node:path";

/** The Kubernetes version that `go/go.mod` pins; `binaries.ts` writes it into the binary. */
export const kubernetesVersion = "v1.34.4";

/** Built binaries and image layers, kept between clusters and shared by checkouts. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "slipway", "cluster");

/** Everything of the running cluster: state file, keys, logs, the nodes' disks. `down` removes it. */
export const stateFolder = join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "slipway", "cluster");

/** The administrator's kubeconfig of the cluster that `up` makes. */
export const kubeconfigPath = join(stateFolder, "kubeconfig");

/** The same folders as a machine of the cluster sees them; short, because Unix socket paths are. */
export const inside = { state: "/run/slipway/state", bin: "/run/slipway/bin" };

/** The control group, in every hierarchy, under which each node has one of its own. */
export const cgroupName = "slipway-cluster";

/** One IPv4 range for all: machines, pods and services. The host has a leg in it, so tests reach pods and services directly. */
export const network = {
  range: "10.213.0.0/16",
  machines: "10.213.0.0/24",
  host: "10.213.0.1",
  control: "10.213.0.2",
  pods: "10.213.64.0/18",
  services: "10.213.128.0/18",
  apiService: "10.213.128.1",
  dns: "10.213.128.10",
  /** The host's end of the link into the cluster; its routes go away with it. */
  hostLink: "slipway0",
  apiPort: 6443,
  registryPort: 5000,
};

/** Where images for the cluster are pushed, from the host, and pulled, by the nodes. Plain HTTP. */
export const registryHost = `${network.control}:${network.registryPort}`;

/** A machine that runs pods. */
export interface NodeLayout {
  readonly name: string;
  readonly address: string;
  /** Its pods' addresses. */
  readonly pods: string;
}

/** The machine of etcd, the API server, the controllers, the scheduler and the registry. It runs no pods. */
export const controlName = "control";

/** The machines that run pods. The add-ons stay on the first, so the second may be drained, stopped or killed. */
export const nodes: readonly NodeLayout[] = [
  { name: "node-1", address: "10.213.0.11", pods: "10.213.65.0/24" },
  { name: "node-2", address: "10.213.0.12", pods: "10.213.66.0/24" },
];
