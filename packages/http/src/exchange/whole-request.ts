import type { IncomingHttpHeaders } from "node:http";

/** A request that was there to its last byte before anybody looked at it. */
export interface WholeRequest {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly complete: true;
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly whole: Buffer;
  /** For what its reader makes of the head, kept while the client repeats it. */
  readonly memory: { made: unknown };
}
