import { SlipwayError } from "@slipway/base";
import { type Model, quantityBytes, quantityCores } from "@slipway/spec";
import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { isServed } from "../rest/is-served.ts";
import { isSupported, oldestKubernetes, readClusterVersion } from "./cluster-version.ts";

interface Node extends LiveObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly nodeInfo?: { readonly architecture?: string };
  };
}

/** Throws `unimplemented` when this cluster, as it is, has not what these Models ask for: an API, or a version. */
export async function refuseUnsupported(objects: ClusterObjects, models: readonly Model[]): Promise<void> {
  const version = await readClusterVersion(objects.rest, objects.signal);
  if (!isSupported(version)) {
    const least = `${oldestKubernetes.major}.${oldestKubernetes.minor}`;
    throw new SlipwayError("unimplemented", `The cluster runs Kubernetes ${version.text}, and Slipway needs ${least} or later.`, {
      hint: "Upgrade the cluster.",
    });
  }
  const scaled = models.find((model) => (model.spec.scaling.metrics ?? []).length > 0);
  if (scaled === undefined || (await isServed(objects.rest, "/apis/metrics.k8s.io/v1beta1", objects.signal))) return;
  throw new SlipwayError(
    "unimplemented",
    `Model ${scaled.metadata.name} scales by CPU or memory, and the cluster does not measure them: it has no metrics API.`,
    { hint: "Install metrics-server: https://github.com/kubernetes-sigs/metrics-server; or leave out spec.scaling.metrics." },
  );
}

/** What no node of the cluster can give a replica of this Model now, a sentence each. Nothing when nodes may not be listed. */
export async function clusterDoubts(objects: ClusterObjects, model: Model): Promise<string[]> {
  let nodes: readonly Node[];
  try {
    nodes = (await objects.list<Node>({ apiVersion: "v1", kind: "Node" })).filter(({ spec }) => spec?.unschedulable !== true);
  } catch (caught) {
    if (SlipwayError.from(caught).code === "forbidden") return [];
    throw caught;
  }
  const { cpu, memory, gpu } = model.spec.resources;
  const { nodeSelector = {}, architecture } = model.spec.placement ?? {};
  const doubts: string[] = [];
  /** Narrows the nodes by one wish; says so when none is left, and goes on with those before: each wish is judged. */
  const wish = (what: string, fits: (node: Node) => boolean) => {
    const left = nodes.filter(fits);
    if (left.length === 0) doubts.push(`no node ${what}`);
    else nodes = left;
  };
  const allocatable = (node: Node, name: string) => node.status?.allocatable?.[name] ?? "0";
  for (const [key, value] of Object.entries(nodeSelector))
    wish(`has the label ${key}=${value}`, ({ metadata }) => metadata.labels?.[key] === value);
  if (architecture !== undefined) wish(`is ${architecture}`, ({ status }) => status?.nodeInfo?.architecture === architecture);
  if (gpu !== undefined) wish(`has ${gpu.count} of ${gpu.name}`, (node) => Number(allocatable(node, gpu.name)) >= gpu.count);
  if (cpu !== undefined) wish(`has ${cpu} of CPU`, (node) => quantityCores(allocatable(node, "cpu")) >= quantityCores(cpu));
  if (memory !== undefined)
    wish(`has ${memory} of memory`, (node) => quantityBytes(allocatable(node, "memory")) >= quantityBytes(memory));
  return doubts;
}
