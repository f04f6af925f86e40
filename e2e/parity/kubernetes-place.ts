import { join } from "node:path";
import type { ApiRequest, CommandAnswer, GatewayRequest, HttpAnswer, ParityPlace, ParitySource } from "@slipway/testkit";
import { parse } from "yaml";
import { kubectlPath } from "../cluster/index.ts";
import { eventually } from "../harness/eventually.ts";
import { run } from "../harness/platform.ts";
import { ApiDoor } from "./api-door.ts";
import { ParitySources } from "./parity-sources.ts";

/** An installation of Slipway in a cluster, as its user has it. */
export interface InstalledSlipway {
  readonly kubeconfig: string;
  /** A namespace that was opened for Models. */
  readonly modelNamespace: string;
  readonly systemNamespace: string;
  /** Runs a command against the cluster. */
  slipway(args: readonly string[], input?: string): Promise<CommandAnswer>;
  /** A manifest in digest form, once its model is built and pushed as an image under `name`. */
  digestForm(manifest: string, name: string): Promise<string>;
  /** One request to the gateways, with a credential. */
  gateway(request: GatewayRequest): Promise<HttpAnswer>;
  /** Ends the program in a pod without a warning. */
  kill(pod: PodToKill): Promise<void>;
}

/** What a pod is found by. */
export interface PodToKill {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

interface Pod extends PodToKill {
  readonly metadata: PodToKill["metadata"] & { readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly renewTime?: string;
}

/** The parity scenarios' place in a cluster. */
export class KubernetesPlace implements ParityPlace {
  readonly name = "Kubernetes";
  readonly namespace: string;
  private readonly installed: InstalledSlipway;
  private readonly sources: ParitySources;
  private readonly door: ApiDoor;
  private readonly pushed = new Map<ParitySource, object>();

  private constructor(installed: InstalledSlipway, sources: ParitySources, door: ApiDoor) {
    this.installed = installed;
    this.namespace = installed.modelNamespace;
    this.sources = sources;
    this.door = door;
  }

  static async open(installed: InstalledSlipway): Promise<KubernetesPlace> {
    return new KubernetesPlace(installed, await ParitySources.create(), await ApiDoor.open(installed.kubeconfig));
  }

  async source(name: ParitySource): Promise<object> {
    const known = this.pushed.get(name);
    if (known !== undefined) return known;
    const directory = await this.sources.directory(name);
    const manifest = {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name },
      spec: { source: { path: directory } },
    };
    const { spec } = parse(await this.installed.digestForm(JSON.stringify(manifest), name)) as { spec: { source: object } };
    this.pushed.set(name, spec.source);
    return spec.source;
  }

  api(request: ApiRequest): Promise<HttpAnswer> {
    return this.door.call(request);
  }

  gateway(request: GatewayRequest): Promise<HttpAnswer> {
    return this.installed.gateway(request);
  }

  slipway(args: readonly string[], input?: string): Promise<CommandAnswer> {
    return this.installed.slipway([...args, "-n", this.namespace], input);
  }

  kubectl(args: readonly string[], input?: string): Promise<CommandAnswer> {
    const connection = ["--kubeconfig", this.installed.kubeconfig, "--cache-dir", join(this.sources.path, "kubectl")];
    return run(kubectlPath(), [...connection, "-n", this.namespace, ...args], { input });
  }

  async crashOneReplica(model: string): Promise<string> {
    const pod = await this.readyPod(model);
    await this.installed.kill(pod);
    return pod.metadata.name;
  }

  /** As a node drain does it: by an eviction, which the disruption budget must allow. */
  async drainOneReplica(model: string): Promise<string> {
    const { name, namespace } = (await this.readyPod(model)).metadata;
    await eventually(`the eviction of ${name} is allowed`, 30, async () => {
      const { status, body } = await this.api({
        method: "POST",
        path: `/api/v1/namespaces/${namespace}/pods/${name}/eviction`,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } },
      });
      if (status !== 201 && status !== 429) throw new Error(`an eviction was answered with ${status}: ${JSON.stringify(body)}`);
      return status === 201;
    });
    return name;
  }

  /** The operator that leads ends without giving its lease back: it leads again when kubelet has restarted it, or another one takes over. */
  async restartControl(): Promise<void> {
    const { holderIdentity: holder } = await this.lease();
    const pods = await this.pods(this.installed.systemNamespace, "app.kubernetes.io/component=operator");
    const leader = pods.find(({ metadata }) => holder?.includes(metadata.name));
    if (leader === undefined) throw new Error(`no operator leads: the lease is held by ${holder}`);
    await this.installed.kill(leader);
    const { renewTime: before } = await this.lease();
    await eventually("an operator leads again", 90, async () => {
      const now = await this.lease();
      return now.holderIdentity !== undefined && now.holderIdentity !== "" && now.renewTime !== before;
    });
  }

  async close(): Promise<void> {
    await this.door.close();
    await this.sources.remove();
  }

  private async readyPod(model: string): Promise<Pod> {
    const pods = await this.pods(this.namespace, `slipway.dev/model=${model}`);
    const ready = pods.find(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"),
    );
    if (ready === undefined) throw new Error(`${model} has no ready pod`);
    return ready;
  }

  private async pods(namespace: string, selector: string): Promise<readonly Pod[]> {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`;
    const { body } = await this.api({ method: "GET", path });
    return (body as { items: Pod[] }).items;
  }

  private async lease(): Promise<LeaseSpec> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.installed.systemNamespace}/leases/slipway-operator`;
    const { body } = await this.api({ method: "GET", path });
    return (body as { spec?: LeaseSpec }).spec ?? {};
  }
}
