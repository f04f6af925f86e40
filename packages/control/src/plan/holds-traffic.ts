import type { Model } from "@slipway/spec";
import { rollbackManager } from "../managers.ts";

/** Whether `spec.traffic` is the hold of a rollback, and not the user's own. */
export function holdsTraffic(model: Model): boolean {
  return (model.metadata.managedFields ?? []).some((entry) => {
    const spec = entry.fieldsV1["f:spec"] as Record<string, unknown> | undefined;
    return entry.manager === rollbackManager && spec !== undefined && "f:traffic" in spec;
  });
}
