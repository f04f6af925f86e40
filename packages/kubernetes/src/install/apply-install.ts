import { isDeepStrictEqual } from "node:util";
import { SlipwayError } from "@slipway/base";
import type { ClusterObjects, LiveObject, ObjectReference } from "../cluster/cluster-objects.ts";
import { deploymentAvailable } from "../cluster/deployment-available.ts";
import { objectTitle } from "../cluster/object-title.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { labels } from "../objects/labels.ts";
import { isServed } from "../rest/is-served.ts";
import { installKinds } from "./install-kinds.ts";
import { installParts } from "./install-parts.ts";
import type { InstallSettings } from "./install-settings.ts";
import { installManager, madeByInstall, refuseHelms, refuseSecond } from "./installation.ts";
import { restrictedNamespace } from "./namespace.ts";
import { renderInstall } from "./render-install.ts";

/** What became of one object. */
export type Outcome = "created" | "configured" | "unchanged" | "deleted";

/** How an installation is brought about. */
export interface ApplyInstallOptions {
  /** Takes over fields that somebody else set otherwise. */
  readonly force: boolean;
  /** Told of each object, and of each step of the wait. */
  readonly report: (object: ObjectReference, outcome: Outcome) => void;
  readonly say: (text: string) => void;
}

/**
 * Makes the cluster have this installation, and waits until it works. Doing it again changes nothing; with another image or other settings it
 * is an upgrade, and what the settings do not name any more is taken away. Throws `conflict` when another installation is there.
 */
export async function applyInstall(
  objects: ClusterObjects,
  settings: InstallSettings,
  { force, report, say }: ApplyInstallOptions,
): Promise<void> {
  const parts = installParts(settings);
  const told = new Set<string>();
  const once: typeof report = (object, outcome) => {
    const title = objectTitle(object);
    if (!told.has(title)) report(object, outcome);
    told.add(title);
  };
  await refuseHelms(objects, "install");
  await refuseSecond(objects, parts.namespace);
  if (parts.parentGateway !== undefined) await requireGatewayApi(objects);
  if (parts.parentGateway !== undefined && parts.hosts.length === 0)
    say("what comes through the Gateway is answered under names of yours only; name them with --host");
  for (const name of [parts.namespace, ...parts.modelNamespaces])
    await makeNamespace(objects, restrictedNamespace(parts, name), once);
  const rendered = renderInstall(settings);
  for (const object of rendered) {
    await applyOne(objects, object, force, once);
    if (object.kind === "CustomResourceDefinition") await established(objects, object);
  }
  await prune(objects, parts.namespace, rendered, report);
  const deployments = rendered.filter(({ kind }) => kind === "Deployment");
  await Promise.all(deployments.map((deployment) => deploymentAvailable(objects, deployment, say)));
}

async function requireGatewayApi(objects: ClusterObjects): Promise<void> {
  if (await isServed(objects.rest, "/apis/gateway.networking.k8s.io/v1", objects.signal)) return;
  throw new SlipwayError("notFound", "This cluster does not have the Gateway API, which --parent-gateway needs.", {
    hint: "Leave --parent-gateway out, or install the Gateway API: https://gateway-api.sigs.k8s.io.",
  });
}

/** A namespace that is there is left as it is: its labels are its owner's. */
async function makeNamespace(
  objects: ClusterObjects,
  object: KubernetesObject,
  report: ApplyInstallOptions["report"],
): Promise<void> {
  if ((await objects.get(object)) !== undefined) return;
  const metadata = { ...object.metadata, annotations: { [madeByInstall]: "true" } };
  await objects.create({ ...object, metadata }, `${installManager}-namespaces`);
  report(object, "created");
}

async function applyOne(
  objects: ClusterObjects,
  object: KubernetesObject,
  force: boolean,
  report: ApplyInstallOptions["report"],
): Promise<void> {
  const before = await objects.get(object);
  let after: LiveObject;
  try {
    after = await objects.apply(force ? object : withoutForeignReplicas(object, before), { manager: installManager, force });
  } catch (caught) {
    throw explained(object, SlipwayError.from(caught));
  }
  report(
    object,
    before === undefined ? "created" : isDeepStrictEqual(content(before), content(after)) ? "unchanged" : "configured",
  );
}

/** Who scaled a Deployment by hand, or lets an autoscaler do it, goes on deciding. */
function withoutForeignReplicas(object: KubernetesObject, before: LiveObject | undefined): KubernetesObject {
  const foreign = before?.metadata.managedFields?.some(
    ({ manager, fieldsV1 }) => manager !== installManager && "f:replicas" in ((fieldsV1?.["f:spec"] as object | undefined) ?? {}),
  );
  if (object.kind !== "Deployment" || foreign !== true) return object;
  const { replicas: _, ...spec } = object.spec as Record<string, unknown>;
  return { ...object, spec };
}

/** What an apply can change; a controller may write a status in between. */
function content({ metadata, status: _, ...rest }: LiveObject): unknown {
  const { resourceVersion: _version, managedFields: _fields, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function explained(object: KubernetesObject, error: SlipwayError): SlipwayError {
  const title = objectTitle(object);
  if (error.code === "conflict") {
    return new SlipwayError("conflict", `${title}: ${error.message}`, {
      hint: "Somebody changed it by hand; take the fields over with --force.",
      problems: error.problems,
    });
  }
  if (error.code === "notFound" && object.kind.startsWith("ValidatingAdmissionPolicy")) {
    return new SlipwayError(
      "unimplemented",
      "This cluster does not have ValidatingAdmissionPolicies: it is older than Kubernetes 1.30.",
      {
        hint: "Upgrade the cluster; `slipway doctor --context NAME` tells what else is missing.",
      },
    );
  }
  return new SlipwayError(error.code, `${title}: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    problems: error.problems,
    cause: error,
  });
}

/** Objects of the kind can be made only once its definition is established. */
async function established(objects: ClusterObjects, definition: ObjectReference): Promise<void> {
  interface Definition extends LiveObject {
    readonly status?: {
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    };
  }
  for await (const state of objects.follow<Definition>(definition)) {
    const conditions = state?.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
  }
  throw new SlipwayError("timeout", `${objectTitle(definition)} was not established in time.`, {
    hint: `See \`kubectl describe crd ${definition.metadata.name}\`.`,
  });
}

async function prune(
  objects: ClusterObjects,
  namespace: string,
  rendered: readonly KubernetesObject[],
  report: ApplyInstallOptions["report"],
): Promise<void> {
  const id = ({ kind, metadata }: ObjectReference) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
  const wanted = new Set(rendered.map(id));
  for (const kind of installKinds) {
    for (const object of await objects.list(kind, { labelSelector: `${labels.installation}=${namespace}` })) {
      if (wanted.has(id(object)) || object.metadata.deletionTimestamp !== undefined) continue;
      if (await objects.remove(object)) report(object, "deleted");
    }
  }
}
