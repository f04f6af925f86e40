import { SlipwayError } from "@slipway/base";
import type { ClusterObjects } from "./cluster-objects.ts";
import type { ObservedPod } from "./pod-trouble.ts";

/**
 * The Secret that a pending pod waits for: kubelet mounts it, and says that it is not there nowhere but in Events. Undefined when none is
 * missing, and for whom Secrets are closed.
 */
export async function missingSecret(
  objects: ClusterObjects,
  { metadata, spec, status }: ObservedPod,
): Promise<string | undefined> {
  if (status?.phase !== "Pending") return undefined;
  const namespace = metadata.namespace!;
  for (const { secret } of spec?.volumes ?? []) {
    if (secret === undefined) continue;
    const reference = { apiVersion: "v1", kind: "Secret", metadata: { name: secret.secretName, namespace } };
    try {
      if ((await objects.get(reference)) === undefined) return secret.secretName;
    } catch (caught) {
      if (SlipwayError.from(caught).code !== "forbidden") throw caught;
    }
  }
  return undefined;
}
