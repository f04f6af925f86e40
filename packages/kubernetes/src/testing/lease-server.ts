import type { Fetch, FetchResponse } from "@slipway/client";
import type { ApiServer } from "../rest/rest-client.ts";

interface StoredLease {
  metadata: { name: string; namespace: string; resourceVersion: string };
  spec: { holderIdentity?: string; leaseTransitions?: number };
}

/** An API server with one Lease, that can be made not to answer. */
export class LeaseServer implements ApiServer {
  readonly baseUrl = "https://api.example";
  lease: StoredLease | undefined;
  down = false;
  calls = 0;
  private version = 1;

  readonly fetch: Fetch = async (_url, init) => {
    this.calls += 1;
    if (this.down) throw new TypeError("fetch failed");
    const body = init.body === undefined ? undefined : (JSON.parse(String(init.body)) as StoredLease);
    if (body === undefined) return this.lease === undefined ? refusal(404, "NotFound") : answer(this.lease);
    if (init.method === "POST" && this.lease !== undefined) return refusal(409, "AlreadyExists");
    if (init.method === "PUT" && body.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
      return refusal(409, "Conflict");
    this.version += 1;
    this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: String(this.version) } };
    return answer(this.lease);
  };
}

function answer(value: unknown): FetchResponse {
  return Response.json(structuredClone(value)) as FetchResponse;
}

function refusal(code: number, reason: string): FetchResponse {
  return Response.json({ kind: "Status", status: "Failure", code, reason, message: reason }, { status: code }) as FetchResponse;
}
