import { createHash } from "node:crypto";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { User } from "@slipway/http";
import { Caller } from "./caller.ts";

/** Knows the bearers of Kubernetes tokens: an API server, asked by a TokenReview. */
export interface TokenReviewer {
  /** Undefined for a token of nobody. Throws when it cannot be asked, or does not answer in time. */
  review(token: string): Promise<User | undefined>;
}

/** A good answer is asked for again in the background once it is this old … */
const freshMs = 20_000;
/** … and counts no longer than this. */
const keptMs = 60_000;
/** A bad answer counts this long: who sends a wrong token sends it often. */
const refusedMs = 5_000;
/** Answers kept of each kind. */
const most = 10_000;
/** Questions at once. */
const mostQuestions = 32;

interface Answer {
  readonly caller: Caller;
  /** On the monotonic clock. */
  readonly at: number;
}

/** Asks a {@link TokenReviewer} as seldom as it may: answers are kept, equal questions are asked once, and not too many at a time. Tokens themselves are not kept. */
export class ReviewedTokens {
  private readonly reviewer: TokenReviewer;
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly accepted = new Map<string, Answer>();
  private readonly refused = new Map<string, number>();
  private readonly asked = new Map<string, Promise<Caller | undefined>>();

  constructor({ reviewer, clock, log }: { readonly reviewer: TokenReviewer; readonly clock: Clock; readonly log: Log }) {
    this.reviewer = reviewer;
    this.clock = clock;
    this.log = log;
  }

  /** Who a token belongs to; undefined for nobody. Rejects with `unavailable` when that cannot be known now. */
  authenticate(token: string): Caller | undefined | Promise<Caller | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    const now = this.clock.monotonic();
    const answer = this.accepted.get(key);
    if (answer !== undefined && now - answer.at < keptMs) {
      // While the API server is away, what was good stays good to the end of its time.
      if (now - answer.at >= freshMs && this.asked.size < mostQuestions) this.ask(key, token).catch(() => {});
      return answer.caller;
    }
    const refusedAt = this.refused.get(key);
    if (refusedAt !== undefined && now - refusedAt < refusedMs) return undefined;
    return this.ask(key, token);
  }

  private ask(key: string, token: string): Promise<Caller | undefined> {
    const before = this.asked.get(key);
    if (before !== undefined) return before;
    if (this.asked.size >= mostQuestions) return Promise.reject(unknown("Too many tokens are being looked at."));
    const asking = this.review(key, token).finally(() => this.asked.delete(key));
    this.asked.set(key, asking);
    return asking;
  }

  private async review(key: string, token: string): Promise<Caller | undefined> {
    try {
      const user = await this.reviewer.review(token);
      if (user === undefined) {
        this.accepted.delete(key);
        keep(this.refused, key, this.clock.monotonic());
        return undefined;
      }
      const caller = new Caller(user.name, user.groups);
      keep(this.accepted, key, { caller, at: this.clock.monotonic() });
      return caller;
    } catch (error) {
      this.log.warn("a token could not be reviewed", { reason: SlipwayError.from(error).message });
      throw unknown("Kubernetes cannot be asked now whether the token is valid.", error);
    }
  }
}

function unknown(message: string, cause?: unknown): SlipwayError {
  return new SlipwayError("unavailable", message, { retryAfter: 1, hint: "Try again, or use an API key.", cause });
}

/** The oldest make room. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
