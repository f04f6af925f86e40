import { type Model, slipwayApiVersion } from "@slipway/spec";
import type { Replica } from "../output/resource-table.ts";

/** The replicas that Models' statuses tell of, by namespace, model and name. */
export function replicasOf(models: readonly Model[]): Replica[] {
  return models.flatMap((model) =>
    (model.status?.instances ?? []).map((instance) => ({
      apiVersion: slipwayApiVersion,
      kind: "Replica" as const,
      metadata: { name: instance.name, namespace: model.metadata.namespace ?? "default" },
      model: model.metadata.name,
      revision: instance.revision,
      state: instance.state,
      ...(instance.pid === undefined ? {} : { pid: instance.pid }),
      ...(instance.startedAt === undefined ? {} : { startedAt: instance.startedAt }),
      restarts: instance.restarts,
      ...(instance.message === undefined ? {} : { message: instance.message }),
      ...(instance.limits === undefined ? {} : { limits: instance.limits }),
    })),
  );
}
