import type { ObjectReference } from "./cluster-objects.ts";

/** How an object is called in messages: `Deployment slipway-system/slipway-gateway`. */
export function objectTitle({ kind, metadata }: ObjectReference): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}
