import { SlipwayError } from "@slipway/base";
import { BodySender, sendAtOnce } from "./body-sender.ts";
import type { FrameConnection } from "./frame-connection.ts";
import { FrameError, type RequestFate } from "./frame-error.ts";
import { frameType } from "./frame-format.ts";
import type { FrameResponseHead } from "./frame-heads.ts";
import type { FrameBodySource } from "./frame-request.ts";
import { ReceiveWindow } from "./receive-window.ts";

/** What a caller hears about its request: `head`, any number of `data`, `end`; or `error` at any point. After `end` or `error` nothing more. */
export interface FrameListener {
  head(head: FrameResponseHead): void;
  /** Called even while paused, for at most a stream window of bytes. */
  data(chunk: Buffer): void;
  end(): void;
  error(error: FrameError): void;
}

/** A request under way. */
export interface FrameCall {
  /** Tells the replica that nobody waits; the listener hears nothing more. */
  cancel(): void;
  /** Stops giving the replica credit for this answer. */
  pause(): void;
  /** Gives credit again. */
  resume(): void;
}

/** One request of a {@link FrameClient}: its two bodies and who listens. */
export class ClientCall implements FrameCall {
  readonly stream: number;
  sender: BodySender | undefined = undefined;
  private readonly connection: FrameConnection;
  /** Made for answers of more than one piece. */
  private window: ReceiveWindow | undefined = undefined;
  private readonly onClosed: (stream: number) => void;
  private listener: FrameListener | undefined;
  private answered = false;
  private paused = false;
  private untaken = 0;

  constructor(connection: FrameConnection, stream: number, listener: FrameListener, onClosed: (stream: number) => void) {
    this.connection = connection;
    this.stream = stream;
    this.listener = listener;
    this.onClosed = onClosed;
  }

  send(body: FrameBodySource): void {
    if (sendAtOnce(this.connection, this.stream, body)) return;
    this.sender = new BodySender(this.connection, this.stream, {
      sent: () => {
        this.sender = undefined;
      },
      failed: (error) => {
        const { listener } = this;
        this.cancel();
        listener?.error(new FrameError(SlipwayError.from(error), { accepted: true, answered: false }));
      },
    });
    this.sender.start(body);
  }

  cancel(): void {
    if (this.listener === undefined) return;
    this.close();
    if (this.stream !== 0 && !this.connection.ended)
      this.connection.writer.small(frameType.cancel, 0, this.stream, Buffer.alloc(0));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    if (this.untaken === 0 || this.listener === undefined) return;
    const bytes = this.untaken;
    this.untaken = 0;
    this.take(bytes);
  }

  head(head: FrameResponseHead, end: boolean): void {
    if (this.answered) throw new SlipwayError("badRequest", `The replica answers request ${this.stream} twice.`);
    this.answered = true;
    const { listener } = this;
    if (listener !== undefined) {
      try {
        listener.head(head);
      } catch (cause) {
        this.broke(listener, cause);
      }
    }
    if (end) this.finish();
  }

  data(chunk: Buffer, end: boolean): void {
    if (!this.answered)
      throw new SlipwayError("badRequest", `The replica sends a body of request ${this.stream} before its head.`);
    // A whole answer that no window would hold back is not measured against one.
    if (this.window !== undefined || !end || chunk.length > this.connection.limits.streamWindow) {
      this.window ??= new ReceiveWindow(this.connection.limits.streamWindow);
      this.window.receive(chunk.length);
    }
    if (this.paused && !end) this.untaken += chunk.length;
    else this.take(chunk.length, end);
    const { listener } = this;
    if (chunk.length > 0 && listener !== undefined) {
      try {
        listener.data(chunk);
      } catch (cause) {
        this.broke(listener, cause);
      }
    }
    if (end) this.finish();
  }

  /** The request gets no (whole) answer. */
  lost(reason: SlipwayError, fate: RequestFate): void {
    const { listener } = this;
    if (listener === undefined) return;
    this.close();
    listener.error(new FrameError(reason, fate));
  }

  private finish(): void {
    const { listener } = this;
    this.close();
    if (listener === undefined) return;
    try {
      listener.end();
    } catch (cause) {
      this.broke(listener, cause);
    }
  }

  private take(bytes: number, last = false): void {
    this.connection.taken(bytes);
    const credit = last ? 0 : (this.window?.take(bytes) ?? 0);
    if (credit > 0) this.connection.writer.number(frameType.credit, this.stream, credit);
  }

  /** Whatever the listener does wrong ends its own request only, not the connection. */
  private broke(listener: FrameListener, cause: unknown): void {
    this.cancel();
    listener.error(new FrameError(SlipwayError.from(cause), { accepted: true, answered: false }));
  }

  private close(): void {
    this.listener = undefined;
    this.sender?.stop();
    this.sender = undefined;
    if (this.untaken > 0) this.connection.taken(this.untaken);
    this.untaken = 0;
    this.onClosed(this.stream);
  }
}
