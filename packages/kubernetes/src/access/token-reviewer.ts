import { createHash } from "node:crypto";
import { type Clock, SlipwayError } from "@slipway/base";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";

/** Whose token it is, as the cluster says. */
export interface ReviewedUser {
  readonly name: string;
  readonly groups: readonly string[];
}

interface Entry {
  readonly answer: Promise<ReviewedUser | undefined>;
  until: number;
}

/** How long an answer counts: a token that was taken back lets in for at most this long. */
const goodMs = 60_000;
const badMs = 5_000;

/** An API server that does not answer in this time is not waited for. */
const reviewMs = 10_000;

/** Answers kept at most: whoever tries tokens out must not fill the memory. */
const defaultMost = 10_000;

/** Reviews asked for at the same time at most, of tokens that are not known. */
const mostAtOnce = 50;

const kind = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" } as const;

/** Asks a cluster whose token one is (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/), and remembers the answer by the token's hash. */
export class TokenReviewer {
  private readonly rest: RestClient;
  private readonly clock: Clock;
  /** In the order in which they were asked. */
  private readonly entries = new Map<string, Entry>();
  private readonly most: number;
  private asking = 0;

  constructor({ rest, clock, most = defaultMost }: { readonly rest: RestClient; readonly clock: Clock; readonly most?: number }) {
    this.most = most;
    this.rest = rest;
    this.clock = clock;
  }

  /** Undefined for a token that is nobody's. Throws `overloaded` when too many are asked about, and what the call throws: then nothing is known. */
  review(token: string): Promise<ReviewedUser | undefined> {
    const id = createHash("sha256").update(token).digest("base64");
    const now = this.clock.monotonic();
    const found = this.entries.get(id);
    if (found !== undefined && now < found.until) return found.answer;
    this.forget(now);
    if (this.asking >= mostAtOnce) {
      const error = new SlipwayError("overloaded", "Too many tokens are being checked.", { retryAfter: 1 });
      return Promise.reject(error);
    }
    const entry: Entry = { answer: this.ask(token), until: Number.POSITIVE_INFINITY };
    this.entries.delete(id);
    this.entries.set(id, entry);
    entry.answer.then(
      (user) => {
        entry.until = this.clock.monotonic() + (user === undefined ? badMs : goodMs);
      },
      () => {
        entry.until = 0;
      },
    );
    return entry.answer;
  }

  private async ask(token: string): Promise<ReviewedUser | undefined> {
    this.asking += 1;
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
      this.asking -= 1;
    }
  }

  private forget(now: number): void {
    if (this.entries.size < this.most) return;
    for (const [id, { until }] of this.entries) if (until <= now) this.entries.delete(id);
    for (const id of this.entries.keys()) {
      if (this.entries.size < this.most) break;
      this.entries.delete(id);
    }
  }
}
