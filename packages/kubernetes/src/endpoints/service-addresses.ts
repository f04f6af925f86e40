import type { Clock } from "@slipway/base";
import { listObjects } from "../rest/list-objects.ts";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";

/** How long the API server may take to say, milliseconds; then the name server has to do. */
const answerMs = 2_000;

interface EndpointSlice {
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

/**
 * Addresses of the ready pods behind a Service, as its EndpointSlices are now. A name server may go on for half a minute to say what was,
 * which after a change of all pods is nobody. Throws what the API server says, and `cancelled` when it says nothing in time.
 */
export async function serviceAddresses(
  { rest, clock }: { readonly rest: RestClient; readonly clock: Clock },
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<readonly string[]> {
  const late = new AbortController();
  const cancel = clock.after(answerMs, () => late.abort());
  try {
    const path = objectPath({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" }, { namespace });
    const selection = { labelSelector: `kubernetes.io/service-name=${name}` };
    const { items } = await listObjects(rest, path, selection, late.signal);
    const endpoints = (items as readonly EndpointSlice[]).flatMap((slice) => slice.endpoints ?? []);
    return [...new Set(endpoints.filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses))];
  } finally {
    cancel();
  }
}
