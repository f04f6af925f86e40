import type { ClusterObjects, LiveObject } from "../cluster/cluster-objects.ts";
import { labels } from "../objects/labels.ts";
import { componentName } from "./install-meta.ts";
import type { InstallSettings } from "./install-settings.ts";
import { findInstallation } from "./installation.ts";
import { modelsRole } from "./model-access.ts";

interface Deployment extends LiveObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly image: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
}

interface Route extends LiveObject {
  readonly spec: { readonly parentRefs: readonly { readonly namespace: string; readonly name: string }[] };
}

/** With which settings the installation of a cluster was made, read from its own objects; undefined when none works. */
export async function installedSettings(objects: ClusterObjects): Promise<InstallSettings | undefined> {
  const found = await findInstallation(objects);
  if (found === undefined) return undefined;
  const { namespace, version } = found;
  const name = componentName("gateway");
  const gateway = await objects.get<Deployment>({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } });
  const container = gateway?.spec.template.spec.containers[0];
  if (container === undefined) return undefined;
  const bindings = await objects.list(
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding" },
    { labelSelector: `${labels.installation}=${namespace}`, fieldSelector: `metadata.name=${modelsRole}` },
  );
  const hosts = container.env?.find((variable) => variable.name === "SLIPWAY_HOSTS")?.value ?? "";
  const reference = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name, namespace } };
  const parent = (await objects.get<Route>(reference))?.spec.parentRefs[0];
  return {
    image: container.image,
    version,
    namespace,
    modelNamespaces: bindings.map(({ metadata }) => metadata.namespace!),
    hosts: hosts.split(",").filter((host) => host !== ""),
    ...(parent && { parentGateway: { namespace: parent.namespace, name: parent.name } }),
  };
}
