import { checkAfterInstall } from "./after-install.ts";
import { checkBeforeInstall } from "./before-install.ts";
import type { CheckContext, ClusterCheck } from "./cluster-check.ts";

/** Everything `slipway doctor` looks at in a cluster: what it gives, and whether the installation works. Changes nothing. */
export async function checkCluster(context: CheckContext): Promise<ClusterCheck[]> {
  return [...(await checkBeforeInstall(context)), ...(await checkAfterInstall(context))];
}
