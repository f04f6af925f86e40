import type { IncomingHttpHeaders } from "node:http2";
import type { AccessRule, User } from "../route/route.ts";

/** One method of a service: bytes of messages in, bytes of messages out. */
export interface GrpcMethod {
  /** `/PACKAGE.SERVICE/METHOD`. */
  readonly path: string;
  readonly access: AccessRule;
  /** Whether a client may send more than one message; then reading goes on until it says that it is done. */
  readonly manyRequests: boolean;
  /** Answers a call. What it throws becomes the call's status; a `SlipwayError`'s message and hint reach the caller. */
  readonly handler: (call: GrpcCall) => Promise<void>;
}

/** What a server offers over gRPC, on the port that it has for HTTP. */
export interface GrpcOptions {
  /** Its methods; asked for at the first HTTP/2 connection, so that what they need is not loaded before. */
  readonly load: () => Promise<readonly GrpcMethod[]>;
  /** Largest message in bytes, compressed or not. */
  readonly messageBytes: number;
  /** Milliseconds that one message may take to arrive. */
  readonly messageMs: number;
}

/** The bytes of a message; a list is sent one after the other. */
export type MessageBytes = Uint8Array | readonly Uint8Array[];

/** A message that is sent piece by piece. */
export interface MessageStream {
  /** Sends the next bytes; resolves when more may come. Rejects with `cancelled` when nobody waits any more. */
  write(chunk: Uint8Array): Promise<void>;
}

/** One call under way. */
export interface GrpcCall {
  /** Names in lower case. */
  readonly metadata: IncomingHttpHeaders;
  /** Who calls, on methods that need a token. */
  readonly user: User | undefined;
  /** When the caller stops waiting, on the clock's monotonic scale; undefined when it did not say. */
  readonly deadlineAt: number | undefined;
  /** Whether nobody waits any more: cancelled, past its deadline, or the connection is gone. */
  readonly left: boolean;
  /** Aborted when {@link left} turns true, with the reason as a SlipwayError. */
  readonly signal: AbortSignal;
  /** Aborted when the server begins to drain. */
  readonly closing: AbortSignal;
  /** Who the token in the metadata belongs to, for methods that need one only sometimes. Throws `unauthenticated`. */
  authenticate(): Promise<User>;
  /** The one message of a call. */
  message(): Promise<Buffer>;
  /** The next message; undefined when the caller has sent its last. Throws `unavailable` when the server drains meanwhile. */
  next(): Promise<Buffer | undefined>;
  /** Sends a message; resolves when the next one may come. Rejects with `cancelled` when nobody waits any more. */
  send(message: MessageBytes): Promise<void>;
  /** Begins a message of so many bytes, which follow. */
  begin(length: number): MessageStream;
}
