import type { ReplicaRoute, RouteTable } from "@slipway/protocol";
import type { Endpoint, Endpoints } from "./endpoints.ts";

/**
 * The table as it is used: without replicas that the cluster says are ending or gone and, while control is away, with those that are ready and that no table
 * can have. While control is there it alone adds: a replica it took out of the table may still be ready, because it is the next to be stopped. Shares are never changed.
 */
export function combineEndpoints(table: RouteTable, endpoints: Endpoints["current"], controlAway: boolean): RouteTable {
  if (endpoints.size === 0) return table;
  return {
    generation: table.generation,
    models: table.models.map((model) => ({
      ...model,
      revisions: model.revisions.map((revision) => {
        const known = endpoints.get(`${model.namespace}/${revision.name}`);
        return known === undefined ? revision : { ...revision, replicas: replicas(revision.replicas, known, controlAway) };
      }),
    })),
  };
}

function replicas(routed: readonly ReplicaRoute[], known: readonly Endpoint[], controlAway: boolean): readonly ReplicaRoute[] {
  const states = new Map(known.map((endpoint) => [endpoint.address, endpoint]));
  const present = routed.filter(({ address }) => states.get(address)?.terminating === false);
  const have = new Set(routed.map(({ address }) => address));
  const found = controlAway
    ? known
        .filter(({ address, ready, terminating }) => ready && !terminating && !have.has(address))
        .map(({ name, address }) => ({ name, address }))
    : [];
  if (present.length + found.length > 0) return [...present, ...found];
  // The cluster's list may be behind the table, as when a revision is new. What it has never heard of may be tried: who is gone refuses.
  return routed.filter(({ address }) => !states.has(address));
}
