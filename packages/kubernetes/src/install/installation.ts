import { SlipwayError } from "@slipway/base";
import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { labels } from "../objects/labels.ts";
import { componentName } from "./install-meta.ts";

/** What an installation that is there says of itself. */
export interface Installation {
  readonly namespace: string;
  readonly version: string;
}

/** The field manager of what `slipway install` applies; another than the operator's, which never touches the installation. */
export const installManager = "slipway-install";

/** On a namespace that `slipway install` made, and may therefore take away. */
export const madeByInstall = "slipway.dev/made-by-install";

/** Name of the CustomResourceDefinition that there is one of in a cluster, and so one installation. */
export const modelDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "models.slipway.dev" },
} as const;

/** The installation of this cluster; undefined when there is none. */
export async function findInstallation(objects: ClusterObjects): Promise<Installation | undefined> {
  const found = await objects.get<LiveObject>(modelDefinition);
  const namespace = found?.metadata.labels?.[labels.installation];
  if (found === undefined || namespace === undefined) return undefined;
  return { namespace, version: found.metadata.labels?.[labels.version] ?? "unknown" };
}

/** The operator of an installation; undefined when only its kinds are there, as after `helm uninstall`. */
async function findOperator(objects: ClusterObjects, { namespace }: Installation): Promise<LiveObject | undefined> {
  return objects.get({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: componentName("operator"), namespace } });
}

/** The image that the platform of a cluster runs; undefined when none is installed. */
export async function findPlatformImage(objects: ClusterObjects): Promise<string | undefined> {
  const found = await findInstallation(objects);
  const operator = found === undefined ? undefined : await findOperator(objects, found);
  const { spec } = (operator ?? {}) as { spec?: { template?: { spec?: { containers?: readonly { image?: string }[] } } } };
  return spec?.template?.spec?.containers?.[0]?.image;
}

/** Throws `conflict` when Helm keeps the installation: two keepers would undo each other's work. */
export async function refuseHelms(objects: ClusterObjects, command: "install" | "uninstall"): Promise<void> {
  const found = await findInstallation(objects);
  const annotations = found === undefined ? undefined : (await findOperator(objects, found))?.metadata.annotations;
  const release = annotations?.["meta.helm.sh/release-name"];
  if (release === undefined) return;
  const namespace = annotations?.["meta.helm.sh/release-namespace"] ?? found?.namespace;
  throw new SlipwayError("conflict", `Slipway was installed in this cluster by Helm, as release ${release} in ${namespace}.`, {
    hint:
      command === "install"
        ? `Upgrade it with Helm, too: \`helm upgrade -n ${namespace} ${release} CHART\`.`
        : `Uninstall it with Helm: \`helm uninstall -n ${namespace} ${release}\`.`,
  });
}

/** Throws `conflict` when an installation works in another namespace: a cluster has one. */
export async function refuseSecond(objects: ClusterObjects, namespace: string): Promise<void> {
  const found = await findInstallation(objects);
  if (found === undefined || found.namespace === namespace || (await findOperator(objects, found)) === undefined) return;
  throw new SlipwayError("conflict", `Slipway is installed in this cluster already, in namespace ${found.namespace}.`, {
    hint: `A cluster has one installation; \`slipway install --namespace ${found.namespace}\` upgrades it.`,
  });
}
