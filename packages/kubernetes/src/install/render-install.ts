import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { access } from "./access.ts";
import { admissionPolicies } from "./admission-policies.ts";
import { customResources } from "./custom-resources.ts";
import type { InstallParts, InstallSettings } from "./install-settings.ts";
import { namespace } from "./namespace.ts";
import { networkPolicies } from "./network-policies.ts";
import { platformWorkloads } from "./workloads.ts";

/** In the order to apply: rights and rules are in force before the first pod runs. */
const builders: readonly ((parts: InstallParts) => KubernetesObject[])[] = [
  namespace,
  customResources,
  access,
  networkPolicies,
  admissionPolicies,
  platformWorkloads,
];

/** All objects of an installation, in the order to apply. Pure. Throws `invalid` when the image is not named by digest. */
export function renderInstall(settings: InstallSettings): KubernetesObject[] {
  const parts = { namespace: "slipway-system", ...settings };
  return builders.flatMap((build) => build(parts));
}
