import { SlipwayError } from "@slipway/base";
import type { ReplicaIdentity } from "./replica.ts";

/** Throws `notFound` unless a call is for what a replica serves. What it does not say, is. */
export function demandTarget(
  identity: ReplicaIdentity,
  { namespace, model, revision }: { readonly namespace?: string; readonly model?: string; readonly revision?: string },
): void {
  if ((model !== undefined && model !== identity.model) || (namespace !== undefined && namespace !== identity.namespace)) {
    throw new SlipwayError("notFound", "There is no such model here.", {
      hint: `This replica serves ${JSON.stringify(identity.model)}.`,
    });
  }
  if (revision !== undefined && revision !== identity.revision) {
    throw new SlipwayError("notFound", "The model has no such version here.", {
      hint: `This replica serves ${JSON.stringify(identity.revision)}.`,
    });
  }
}
