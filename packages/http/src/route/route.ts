import type { Exchange } from "../exchange/exchange.ts";

/** Methods a route can have. HEAD is answered by the GET route; every other method is refused with 405. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Who may use a route: `open` to anyone who reaches the listener, `token` to a bearer of a token that `authenticate` knows. */
export type AccessRule = { readonly type: "open" } | { readonly type: "token" };

/** What one request of a route may cost. */
export interface Limits {
  /** Largest body in bytes; one more is answered with 413. */
  readonly bodyBytes: number;
  /** Milliseconds from the start of reading until the whole body must be there; later is answered with 408. */
  readonly bodyMs: number;
}

/** What to do with a body that has a content encoding: refuse it with 415, inflate it within the limit, or leave it to the handler as it is. */
export type EncodedBodies = "refuse" | "inflate" | "pass";

/** Answers one request. What it throws is rendered for the caller; only a `SlipwayError`'s message reaches it. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

/** One entry of the route table. Access and limits are required: a route cannot forget them. */
export interface Route {
  readonly method: Exclude<Method, "HEAD">;
  /** Absolute; a segment `:name` matches one non-empty segment, e.g. `/v2/models/:name/infer`. A literal segment wins over a parameter. */
  readonly path: string;
  readonly access: AccessRule;
  readonly limits: Limits;
  /** Default `refuse`. */
  readonly encodedBodies?: EncodedBodies;
  readonly handler: Handler;
}

/** Who a token belongs to. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}
