import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { type ApiKeys, isApiKey, verifyApiKey } from "./api-keys.ts";
import type { Caller } from "./caller.ts";
import { ReviewedTokens, type TokenReviewer } from "./reviewed-tokens.ts";

/** What to do for who has no token, or a wrong one. */
export const accessHint =
  "Send an API key, which `slipway key create` makes, or a Kubernetes token as: Authorization: Bearer TOKEN. A key in the URL is not looked at.";

/** Who may use inference. */
export class GatewayAccess {
  private readonly keys: ApiKeys;
  private readonly tokens: ReviewedTokens;

  constructor(options: { readonly keys: ApiKeys; readonly reviewer: TokenReviewer; readonly clock: Clock; readonly log: Log }) {
    this.keys = options.keys;
    this.tokens = new ReviewedTokens(options);
  }

  /** Whether it knows the API keys. */
  get ready(): boolean {
    return this.keys.entries !== undefined;
  }

  /** Who a token belongs to, an API key's or Kubernetes' own; undefined for nobody. Throws `unavailable` when that cannot be known now. */
  authenticate(token: string): Caller | undefined | Promise<Caller | undefined> {
    if (!isApiKey(token)) return this.tokens.authenticate(token);
    const { entries } = this.keys;
    if (entries !== undefined) return verifyApiKey(token, entries);
    throw new SlipwayError("unavailable", "The gateway does not know the API keys yet.", { retryAfter: 1, hint: "Try again." });
  }
}
