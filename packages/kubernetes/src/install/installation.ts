import { SlipwayError } from "@slipway/base";
import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { labels } from "../objects/labels.ts";

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

/** Throws `conflict` when Helm keeps the installation: two keepers would undo each other's work. */
export async function refuseHelms(objects: ClusterObjects, command: "install" | "uninstall"): Promise<void> {
  const found = await objects.get<LiveObject>(modelDefinition);
  const release = found?.metadata.annotations?.["meta.helm.sh/release-name"];
  if (release === undefined) return;
  const namespace = found?.metadata.annotations?.["meta.helm.sh/release-namespace"] ?? "slipway-system";
  throw new SlipwayError("conflict", `Slipway was installed in this cluster by Helm, as release ${release} in ${namespace}.`, {
    hint:
      command === "install"
        ? `Upgrade it with Helm, too: \`helm upgrade -n ${namespace} ${release} CHART\`.`
        : `Uninstall it with Helm: \`helm uninstall -n ${namespace} ${release}\`.`,
  });
}
