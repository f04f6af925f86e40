import type { AnswerHeaders, GrpcCall, LeaveWatcher } from "@slipway/http";
import { type FrameHeaders, grpcMediaType, type ServiceAnswer } from "@slipway/protocol";
import type { AnswerStream, ForwardingClient } from "../forward/forwarding-client.ts";
import { headersToReplica } from "../forward/passed-headers.ts";

/** What of a call's metadata is a header inside the platform. */
const passedMetadata = ["x-request-id", "traceparent", "tracestate"] as const;

/** One message of a gRPC call as a client of forwarding. Its answer is kept, or passed on as it comes where it is the one answer of its call. */
export class MessageClient implements ForwardingClient {
  /** What of its metadata a replica gets. */
  readonly headers: FrameHeaders;
  /** The answer that was kept; undefined when it was passed on, or broken off. */
  kept: ServiceAnswer | undefined;
  /** Whether it was passed on to its end. */
  passedOn = false;
  private readonly call: GrpcCall;
  private readonly direct: boolean;
  private onLeft: (() => void) | undefined;

  /** `direct`: whether the answer may be passed on as it comes. */
  constructor(call: GrpcCall, direct: boolean) {
    this.call = call;
    this.direct = direct;
    const passed = Object.fromEntries(passedMetadata.map((name) => [name, call.metadata[name]]));
    this.headers = headersToReplica({ ...passed, "content-type": grpcMediaType }, false);
  }

  get left(): boolean {
    return this.call.left;
  }

  watchLeaving(watcher: LeaveWatcher | undefined): void {
    const { signal } = this.call;
    if (this.onLeft !== undefined) signal.removeEventListener("abort", this.onLeft);
    this.onLeft = watcher === undefined ? undefined : () => watcher.clientLeft();
    if (this.onLeft !== undefined) signal.addEventListener("abort", this.onLeft);
  }

  send(status: number, headers: AnswerHeaders, body: Uint8Array): void {
    this.kept = { status, headers, body };
  }

  stream(status: number, headers: AnswerHeaders): AnswerStream {
    const length = headers["content-length"];
    // gRPC says the length of a message before it; an error goes into the trailers.
    if (!this.direct || status !== 200 || length === undefined) return this.collecting(status, headers);
    const message = this.call.begin(Number(length));
    return {
      write: (chunk) => message.write(chunk),
      end: () => {
        this.passedOn = true;
      },
      abort: () => {},
    };
  }

  private collecting(status: number, headers: AnswerHeaders): AnswerStream {
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => {
        chunks.push(chunk);
        return Promise.resolve();
      },
      end: () => {
        this.kept = { status, headers, body: chunks };
      },
      abort: () => {},
    };
  }
}
