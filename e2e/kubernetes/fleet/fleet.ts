import { systemClock } from "@slipway/base";
import { type ClusterConnection, type KubernetesObject, renderInstall } from "@slipway/kubernetes";
import { type Model, parse, revisionName } from "@slipway/spec";
import { connectKubeconfig } from "../../harness/connect-kubeconfig.ts";
import { eventually } from "../../harness/eventually.ts";
import { ApiDoor } from "../../parity/api-door.ts";
import { AuditLog } from "./audit-log.ts";
import { FleetControlPlane } from "./control-plane.ts";
import { FleetOperator } from "./operator.ts";
import { Watched, type WatchedObject } from "./watched.ts";

/** Where the fleet's Models are. */
const namespace = "fleet";
const models = `/apis/slipway.dev/v1alpha1/namespaces/${namespace}/models`;
const podsPerNode = 500;
const image = `registry.example/slipway@sha256:${"1".repeat(64)}`;

/** What a Model shall be. */
export interface FleetModel {
  readonly name: string;
  readonly replicas: number;
  /** Changes the revision. */
  readonly cpu?: string;
}

/** How long it took from a write of a Model, in milliseconds. */
export interface Reaction {
  /** Until the Deployment was written. */
  readonly deployment: number;
  /** Until the Model's status said Ready. */
  readonly ready: number;
}

/** A cluster of kwok's nodes with our installation's rights and rules in it, and one operator of this checkout. */
export class Fleet {
  readonly operator: FleetOperator;
  readonly audit: AuditLog;
  private readonly plane: FleetControlPlane;
  private readonly door: ApiDoor;
  private readonly connection: ClusterConnection;
  private readonly deployments: Watched;
  private readonly modelWatch: Watched;

  private constructor(plane: FleetControlPlane, door: ApiDoor, connection: ClusterConnection) {
    this.plane = plane;
    this.door = door;
    this.connection = connection;
    this.operator = new FleetOperator(plane.operatorKubeconfig, "operator-0");
    this.audit = new AuditLog(plane.auditLog);
    this.deployments = new Watched(connection, `/apis/apps/v1/namespaces/${namespace}/deployments`);
    this.modelWatch = new Watched(connection, models);
  }

  /** Brings all of it up, with room for this many pods. */
  static async up(pods: number, say: (line: string) => void): Promise<Fleet> {
    const plane = await FleetControlPlane.up(say);
    const door = await ApiDoor.open(plane.kubeconfig);
    let fleet: Fleet | undefined;
    try {
      const installed = renderInstall({ image, version: "0.1.0", modelNamespaces: [namespace] });
      await create(door, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
      // The platform's own pods would be fakes here: the operator runs beside the cluster, and nobody asks for inference.
      const wanted = installed.filter(({ kind }) => kind !== "Deployment" && kind !== "PodDisruptionBudget");
      await create(door, wanted);
      await eventually("Models are served", 60, async () => (await door.call({ method: "GET", path: models })).status === 200);
      const nodes = Math.ceil(pods / podsPerNode) + 1;
      await create(
        door,
        Array.from({ length: nodes }, (_, index) => node(index)),
      );
      await plane.startKwok();
      await eventually("the nodes are ready", 60, async () => (await readyNodes(door)) === nodes);
      const made = new Fleet(plane, door, await connectKubeconfig(plane.kubeconfig));
      fleet = made;
      const end = await eventually("the operator leads", 60, async () => {
        if (made.operator.restarts > 2) return "ended";
        return (await made.leader()) === "operator-0" && "leads";
      });
      if (end === "ended") throw new Error("the operator ended");
      return fleet;
    } catch (error) {
      const logs = fleet?.logs() ?? plane.logs();
      if (fleet !== undefined) await fleet.close();
      else {
        await door.close();
        await plane.close();
      }
      throw new Error(`the fleet did not come up:\n${logs}`, { cause: error });
    }
  }

  /** Writes a Model and waits for what comes of it. */
  async write(wanted: FleetModel, seconds = 120): Promise<Reaction> {
    const model = modelOf(wanted);
    const started = systemClock.monotonic();
    const path = `${models}/${wanted.name}?fieldManager=fleet&force=true`;
    const { name, spec, apiVersion, kind } = { name: wanted.name, ...model };
    const body = { apiVersion, kind, metadata: { name, namespace }, spec };
    const written = await this.door.call({ method: "PATCH", path, contentType: "application/apply-patch+yaml", body });
    if (written.status > 201) throw new Error(`${name} was answered with ${written.status}: ${JSON.stringify(written.body)}`);
    const { generation } = (written.body as WatchedObject).metadata;
    const [deployment, ready] = await Promise.all([
      this.deployments.when(revisionName(model), (object) => object?.spec?.replicas === wanted.replicas, seconds),
      this.modelWatch.when(
        name,
        (object) =>
          object?.status?.observedGeneration === generation &&
          object?.status?.readyReplicas === wanted.replicas &&
          isTrue(object, "Ready") &&
          isSettled(object),
        seconds,
      ),
    ]);
    return { deployment: deployment - started, ready: ready - started };
  }

  /** Deletes all Models and waits until nothing of them is left. */
  async deleteAll(seconds: number): Promise<void> {
    // One by one, as kubectl does: an API server gives a call for all of a thousand a minute.
    for (const name of this.modelWatch.objects.keys()) await this.door.call({ method: "DELETE", path: `${models}/${name}` });
    await eventually("no Model and no Deployment is left", seconds, async () => {
      return this.modelWatch.objects.size === 0 && this.deployments.objects.size === 0;
    });
  }

  /** How many pods are ready. */
  async readyPods(): Promise<number> {
    const path = `/api/v1/namespaces/${namespace}/pods?fieldSelector=status.phase=Running`;
    const { body } = await this.door.call({ method: "GET", path });
    return (body as { items: unknown[] }).items.length;
  }

  /** What was made for Models and belongs to nobody, so that it would stay when they go. */
  async orphans(): Promise<string[]> {
    const kinds = [
      ...["configmaps", "secrets", "serviceaccounts", "services"].map((plural) => `/api/v1/namespaces/${namespace}/${plural}`),
      `/apis/apps/v1/namespaces/${namespace}/deployments`,
      `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
      `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`,
    ];
    const orphans: string[] = [];
    for (const path of kinds) {
      const { body } = await this.door.call({ method: "GET", path: `${path}?labelSelector=slipway.dev%2Fmodel` });
      const { items } = body as { items: (WatchedObject & { metadata: { ownerReferences?: unknown[] } })[] };
      if (items.length === 0) throw new Error(`there is nothing at ${path}`);
      for (const { metadata } of items) if (metadata.ownerReferences === undefined) orphans.push(`${path}/${metadata.name}`);
    }
    return orphans;
  }

  /** The ends of all logs, for a message. */
  logs(): string {
    return `${this.plane.logs()}\noperator: ${this.operator.lastLines()}`;
  }

  async close(): Promise<void> {
    this.deployments.close();
    this.modelWatch.close();
    await this.operator.close();
    await this.connection.close();
    await this.door.close();
    await this.plane.close();
  }

  private async leader(): Promise<string | undefined> {
    const path = "/apis/coordination.k8s.io/v1/namespaces/slipway-system/leases/slipway-operator";
    const { body } = await this.door.call({ method: "GET", path });
    return (body as { spec?: { holderIdentity?: string } }).spec?.holderIdentity;
  }
}

function isTrue(object: WatchedObject, type: string): boolean {
  return object.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

function isSettled(object: WatchedObject): boolean {
  return object.status?.conditions?.some(({ type, reason }) => type === "Progressing" && reason === "Complete") ?? false;
}

function modelOf({ name, replicas, cpu = "100m" }: FleetModel): Model {
  const parsed = parse(
    "Model",
    {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name, namespace },
      spec: {
        source: { bundle: `sha256:${"0".repeat(64)}`, image },
        resources: { cpu, memory: "64Mi" },
        scaling: { minReplicas: replicas, maxReplicas: 20 },
      },
    },
    { source: "api" },
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

async function create(door: ApiDoor, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    await eventually(`${object.kind} ${object.metadata.name} is taken`, 30, async () => {
      const { status, body } = await door.call({ method: "POST", path: collectionOf(object), body: object });
      if (status !== 201 && status !== 409) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return true;
    });
  }
}

function collectionOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, "ies");
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}${metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`}/${plural}`;
}

async function readyNodes(door: ApiDoor): Promise<number> {
  const { body } = await door.call({ method: "GET", path: "/api/v1/nodes" });
  return (body as { items: (WatchedObject & { spec?: { taints?: unknown[] } })[] }).items.filter(
    (each) => isTrue(each, "Ready") && each.spec?.taints === undefined,
  ).length;
}

function node(index: number): KubernetesObject {
  const name = `fleet-${index}`;
  const capacity = { cpu: "10k", memory: "100Ti", pods: String(podsPerNode) };
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/os": "linux",
    "topology.kubernetes.io/zone": `zone-${index % 3}`,
  };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels }, status: { capacity, allocatable: capacity } };
}
