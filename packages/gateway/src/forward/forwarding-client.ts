import type { AnswerHeaders, LeaveWatcher } from "@slipway/http";

/** An answer that reaches its client piece by piece. */
export interface AnswerStream {
  /** Resolves when the next piece may come; rejects when the client has left. */
  write(chunk: Uint8Array): Promise<void>;
  end(): void;
  /** Breaks the answer off so that the client sees it is incomplete. */
  abort(): void;
}

/** Whoever sent a request and gets its answer, as forwarding sees it: an exchange of HTTP, or a message of gRPC. */
export interface ForwardingClient {
  readonly left: boolean;
  /** Who hears that it leaves before its answer is complete; one at a time, undefined for nobody. Nobody hears of who had left before. */
  watchLeaving(watcher: LeaveWatcher | undefined): void;
  /** Sends the whole answer. */
  send(status: number, headers: AnswerHeaders, body: Uint8Array): void;
  /** Begins an answer; its headers say its `content-length` where that is known. */
  stream(status: number, headers: AnswerHeaders): AnswerStream;
}
