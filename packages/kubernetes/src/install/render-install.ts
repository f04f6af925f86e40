import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { admissionPolicies } from "./admission-policies.ts";
import { customResources } from "./custom-resources.ts";
import { gatewayRoute } from "./gateway-route.ts";
import { installParts } from "./install-parts.ts";
import type { InstallParts, InstallSettings } from "./install-settings.ts";
import { modelAccess } from "./model-access.ts";
import { namespace } from "./namespace.ts";
import { networkPolicies } from "./network-policies.ts";
import { platformAccess } from "./platform-access.ts";
import { userAccess } from "./user-access.ts";
import { platformWorkloads } from "./workloads.ts";

/** In the order to apply: rights and rules are in force before the first pod runs. */
const builders: readonly ((parts: InstallParts) => KubernetesObject[])[] = [
  namespace,
  customResources,
  platformAccess,
  modelAccess,
  userAccess,
  networkPolicies,
  admissionPolicies,
  platformWorkloads,
  gatewayRoute,
];

/** All objects of an installation, in the order to apply. Pure. Throws `invalid` when the image is not named by digest, or a name is none. */
export function renderInstall(settings: InstallSettings): KubernetesObject[] {
  const parts = installParts(settings);
  return builders.flatMap((build) => build(parts));
}
