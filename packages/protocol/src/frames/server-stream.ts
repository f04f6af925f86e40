import { type Clock, SlipwayError } from "@slipway/base";
import { BodySender, sendAtOnce } from "./body-sender.ts";
import { encodeError } from "./error-codec.ts";
import type { FrameConnection } from "./frame-connection.ts";
import { frameFlag, frameType } from "./frame-format.ts";
import type { FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";
import { type FrameBodySource, type FrameRequest, isEmptyBody } from "./frame-request.ts";
import { ReceivedBody } from "./received-body.ts";

/** Made once: every request ends with it, and an error with its stack takes an eighth of all the time of a small request. */
const answered = new SlipwayError("cancelled", "The request was answered before its body was read.");

/** One request on the replica's side: its body as it comes, its answer as it goes. */
export class ServerStream implements FrameRequest {
  readonly head: FrameRequestHead;
  readonly body: ReceivedBody;
  readonly deadlineAt: number | undefined;
  sender: BodySender | undefined;
  private readonly connection: FrameConnection;
  private readonly stream: number;
  private readonly clock: Clock;
  private readonly onClosed: () => void;
  private controller: AbortController | undefined;
  private cancelTimer: (() => void) | undefined;
  private reason: SlipwayError | undefined;
  private responded = false;
  private closed = false;

  /** `onClosed` is called once: when the answer was sent to its end, or nobody waits for it. */
  constructor(connection: FrameConnection, stream: number, head: FrameRequestHead, clock: Clock, onClosed: () => void) {
    this.connection = connection;
    this.stream = stream;
    this.head = head;
    this.clock = clock;
    this.onClosed = onClosed;
    this.deadlineAt = head.deadline === 0 ? undefined : clock.monotonic() + head.deadline;
    this.body = new ReceivedBody(connection, stream);
  }

  get cancelled(): boolean {
    if (this.reason === undefined && !this.closed && this.deadlineAt !== undefined && this.clock.monotonic() >= this.deadlineAt)
      this.expire();
    return this.reason !== undefined;
  }

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.cancelled) this.controller.abort(this.reason);
      else if (this.deadlineAt !== undefined && !this.closed) {
        this.cancelTimer = this.clock.after(this.deadlineAt - this.clock.monotonic(), () => this.expire());
      }
    }
    return this.controller.signal;
  }

  respond(head: FrameResponseHead, body?: FrameBodySource): void {
    if (this.closed) return;
    if (this.responded) throw new SlipwayError("internal", "A request was answered twice.");
    const empty = isEmptyBody(body);
    this.connection.writer.response(this.stream, head, empty);
    this.responded = true;
    if (empty || sendAtOnce(this.connection, this.stream, body)) {
      this.close();
      return;
    }
    this.sender = new BodySender(this.connection, this.stream, { sent: () => this.close(), failed: (error) => this.fail(error) });
    this.sender.start(body);
  }

  fail(error: unknown): void {
    this.sendError(error, 0);
  }

  refuse(reason: unknown): void {
    if (this.responded) throw new SlipwayError("internal", "A request was refused after it was answered.");
    this.sendError(reason, frameFlag.refused);
  }

  /** Nobody waits any more: frees the stream and tells the handler. */
  cancel(reason: SlipwayError): void {
    if (this.closed) return;
    this.reason = reason;
    this.close();
    this.controller?.abort(reason);
  }

  /** The gateway answers for the deadline itself; this only saves work, and frees the stream when the gateway hangs. */
  private expire(): void {
    const reason = new SlipwayError("timeout", "The deadline of the request passed.");
    this.reason = reason;
    this.fail(reason);
    this.controller?.abort(reason);
  }

  private sendError(error: unknown, flags: number): void {
    if (this.closed) return;
    this.connection.writer.small(frameType.error, flags, this.stream, encodeError(error));
    this.close();
  }

  private close(): void {
    this.closed = true;
    this.cancelTimer?.();
    this.sender?.stop();
    this.body.stop(this.reason ?? answered);
    this.onClosed();
  }
}
