import type { Clock } from "@slipway/base";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";

/** Whose token it is, as the cluster says. */
export interface ReviewedUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** An API server that does not answer in this time is not waited for. */
const reviewMs = 5_000;

const kind = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" } as const;

/** Asks a cluster whose token one is (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/). It remembers nothing: the gateway does. */
export class TokenReviewer {
  private readonly rest: RestClient;
  private readonly clock: Clock;

  constructor({ rest, clock }: { readonly rest: RestClient; readonly clock: Clock }) {
    this.rest = rest;
    this.clock = clock;
  }

  /** Undefined for a token that is nobody's. Throws what the call throws: then nothing is known. */
  async review(token: string): Promise<ReviewedUser | undefined> {
    const late = new AbortController();
    const cancel = this.clock.after(reviewMs, () => late.abort());
    try {
      const body = { ...kind, spec: { token } };
      const { status } = (await this.rest.request("POST", objectPath(kind), { body, signal: late.signal })) as {
        readonly status?: {
          readonly authenticated?: boolean;
          readonly user?: { readonly username?: string; readonly groups?: readonly string[] };
        };
      };
      if (status?.authenticated !== true) return undefined;
      return { name: status.user?.username ?? "", groups: status.user?.groups ?? [] };
    } finally {
      cancel();
    }
  }
}
