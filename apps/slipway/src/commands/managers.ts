import type { ObjectMeta } from "@slipway/spec";

/** Field manager of `slipway apply`. */
export const applyManager = "slipway-cli";

/** The managers, other than `except`, that own `spec.traffic` or an entry of it. */
export function trafficOwners(metadata: ObjectMeta, except?: string): string[] {
  const owners = (metadata.managedFields ?? []).filter((entry) => {
    const spec = entry.fieldsV1["f:spec"] as Record<string, unknown> | undefined;
    return entry.manager !== except && spec !== undefined && "f:traffic" in spec;
  });
  return [...new Set(owners.map((entry) => entry.manager))];
}
