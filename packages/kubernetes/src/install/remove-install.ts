import { SlipwayError } from "@slipway/base";
import { drainFinalizer } from "@slipway/control";
import type { ClusterObjects, LiveObject, ObjectReference } from "../cluster/cluster-objects.ts";
import { objectTitle } from "../cluster/object-title.ts";
import { labels } from "../objects/labels.ts";
import { operatorLease, systemSecrets } from "../objects/names.ts";
import type { ObjectKind } from "../rest/object-path.ts";
import { foreignObjects } from "./foreign-objects.ts";
import { installKinds } from "./install-kinds.ts";
import { findInstallation, installManager, madeByInstall, modelDefinition, refuseHelms } from "./installation.ts";

/** How an installation is taken away. */
export interface RemoveInstallOptions {
  /** Where it is looked for when nothing in the cluster says where it is. */
  readonly namespace: string;
  /** Also deletes all Models, which are the user's. */
  readonly deleteModels: boolean;
  readonly report: (object: ObjectReference) => void;
  readonly say: (text: string) => void;
}

/** How often what shall go is looked at, milliseconds. */
const lookMs = 250;

const models: ObjectKind = { apiVersion: "slipway.dev/v1alpha1", kind: "Model" };
const definitions = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/** What Models become; all of it goes with them. */
const modelKinds: readonly ObjectKind[] = [
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "v1", kind: "Pod" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret" },
  { apiVersion: "v1", kind: "ServiceAccount" },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
];

/**
 * Takes an installation away and waits until nothing of it is left: first Models, which drain, then the platform, then the kinds. Throws
 * `conflict` while there are Models, unless they shall go, too. Gives false when there was nothing.
 */
export async function removeInstall(objects: ClusterObjects, options: RemoveInstallOptions): Promise<boolean> {
  await refuseHelms(objects, "uninstall");
  const namespace = (await findInstallation(objects))?.namespace ?? options.namespace;
  let removed = await removeModels(objects, namespace, options);
  for (const kind of installKinds) {
    const found = await objects.list(kind, { labelSelector: `${labels.installation}=${namespace}` });
    for (const object of found) removed = (await remove(objects, object, options)) || removed;
    if (kind.kind === "Deployment") await gone(objects, "pods of the platform", () => platformPods(objects, namespace));
  }
  for (const object of await madeWhileRunning(objects, namespace)) removed = (await remove(objects, object, options)) || removed;
  for (const name of [modelDefinition.metadata.name, "revisions.slipway.dev"]) {
    const definition = await objects.get({ ...definitions, metadata: { name } });
    if (definition !== undefined) removed = (await remove(objects, { ...definitions, ...definition }, options)) || removed;
  }
  await gone(objects, "kinds", async () => {
    const found = await objects.list(definitions);
    return found.filter(({ metadata }) => metadata.name.endsWith(".slipway.dev"));
  });
  await removeNamespaces(objects, options);
  return removed;
}

async function removeModels(objects: ClusterObjects, namespace: string, options: RemoveInstallOptions): Promise<boolean> {
  const found = await objects.list(models);
  if (found.length > 0 && !options.deleteModels) {
    const names = found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const some = names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
    throw new SlipwayError(
      "conflict",
      `There ${names.length === 1 ? "is a Model" : `are ${names.length} Models`}: ${some}. Nothing was changed.`,
      {
        hint: "Models go with their kind. Keep them with `kubectl get models -A -o yaml > models.yaml`, and say --delete-models.",
      },
    );
  }
  for (const model of found) await remove(objects, model, options);
  // Without an operator nobody would ever see to what a Model waits for; its pods drain by themselves.
  if (found.length > 0 && !(await operatorRuns(objects, namespace))) {
    options.say("no operator runs: the Models are let go without it");
    for (const model of await objects.list(models)) {
      const finalizers = (model.metadata.finalizers ?? []).filter((name) => name !== drainFinalizer);
      await objects.patch(model, { metadata: { finalizers } }, installManager).catch(ignoreGone);
    }
  }
  await gone(objects, "Models", () => objects.list(models));
  await gone(objects, "objects of Models", async () => {
    const lists = await Promise.all(
      modelKinds.map((kind) => objects.list(kind, { labelSelector: `${labels.partOf}=slipway,${labels.model}` })),
    );
    return lists.flat();
  });
  return found.length > 0;
}

async function operatorRuns(objects: ClusterObjects, namespace: string): Promise<boolean> {
  interface Deployment extends LiveObject {
    readonly status?: { readonly readyReplicas?: number };
  }
  const operator = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "slipway-operator", namespace } };
  return ((await objects.get<Deployment>(operator))?.status?.readyReplicas ?? 0) > 0;
}

async function platformPods(objects: ClusterObjects, namespace: string) {
  const labelSelector = `${labels.partOf}=slipway,${labels.component} in (operator,gateway)`;
  return objects.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector });
}

/** What the platform and `slipway key` made in its namespace; it is called by known names. */
async function madeWhileRunning(objects: ClusterObjects, namespace: string) {
  const references: ObjectReference[] = [
    ...Object.values(systemSecrets).map((name) => ({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace } })),
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: operatorLease, namespace } },
  ];
  const found: (LiveObject & ObjectKind)[] = [];
  for (const reference of references) {
    const object = await objects.get(reference);
    if (object !== undefined) found.push({ ...object, apiVersion: reference.apiVersion, kind: reference.kind });
  }
  return found;
}

/** Only those that `slipway install` made, and only when nothing of anybody else is in them. */
async function removeNamespaces(objects: ClusterObjects, options: RemoveInstallOptions): Promise<void> {
  const kind = { apiVersion: "v1", kind: "Namespace" };
  const going: string[] = [];
  for (const namespace of await objects.list(kind)) {
    if (namespace.metadata.annotations?.[madeByInstall] !== "true") continue;
    const { name } = namespace.metadata;
    const others = await foreignObjects(objects, name);
    if (others.length > 0) {
      options.say(`namespace ${name} stays: it has ${others.slice(0, 3).join(", ")}${others.length > 3 ? " and more" : ""}`);
      continue;
    }
    if (await remove(objects, namespace, options)) going.push(name);
  }
  await gone(objects, "namespaces", async () => {
    const found = await objects.list(kind);
    return found.filter(({ metadata }) => going.includes(metadata.name));
  });
}

async function remove(objects: ClusterObjects, object: LiveObject & ObjectKind, options: RemoveInstallOptions): Promise<boolean> {
  if (object.metadata.deletionTimestamp !== undefined) return true;
  const removed = await objects.remove(object);
  if (removed) options.report(object);
  return removed;
}

async function gone(objects: ClusterObjects, what: string, left: () => Promise<readonly ObjectReference[]>): Promise<void> {
  let waiting: readonly ObjectReference[] = [];
  try {
    for (waiting = await left(); waiting.length > 0; waiting = await left()) await objects.clock.sleep(lookMs, objects.signal);
  } catch (caught) {
    if (!objects.signal.aborted) throw caught;
    const names = waiting.slice(0, 5).map(objectTitle).join(", ");
    throw new SlipwayError("timeout", `Not all ${what} went in time: ${names === "" ? "it is not known which" : names}.`, {
      hint: "`slipway uninstall` again goes on where it was; `kubectl describe` tells what holds an object.",
    });
  }
}

function ignoreGone(caught: unknown): void {
  if (SlipwayError.from(caught).code !== "notFound") throw caught;
}
