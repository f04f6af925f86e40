import { SlipwayError } from "@slipway/base";
import { BodySender } from "./body-sender.ts";
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
  sender: BodySender | undefined;
  private readonly connection: FrameConnection;
  private readonly window: ReceiveWindow;
  private readonly onClosed: () => void;
  private listener: FrameListener | undefined;
  private answered = false;
  private paused = false;
  private untaken = 0;

  constructor(connection: FrameConnection, stream: number, listener: FrameListener, onClosed = () => {}) {
    this.connection = connection;
    this.stream = stream;
    this.listener = listener;
    this.window = new ReceiveWindow(connection.limits.streamWindow);
    this.onClosed = onClosed;
  }

  send(body: FrameBodySource): void {
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
    this.tell((listener) => listener.head(head));
    if (end) this.finish();
  }

  data(chunk: Buffer, end: boolean): void {
    if (!this.answered)
      throw new SlipwayError("badRequest", `The replica sends a body of request ${this.stream} before its head.`);
    this.window.receive(chunk.length);
    if (this.paused && !end) this.untaken += chunk.length;
    else this.take(chunk.length, end);
    if (chunk.length > 0) this.tell((listener) => listener.data(chunk));
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
    this.guard(listener, () => listener?.end());
  }

  private take(bytes: number, last = false): void {
    this.connection.taken(bytes);
    const credit = last ? 0 : this.window.take(bytes);
    if (credit > 0) this.connection.writer.number(frameType.credit, this.stream, credit);
  }

  private tell(what: (listener: FrameListener) => void): void {
    const { listener } = this;
    if (listener !== undefined) this.guard(listener, () => what(listener));
  }

  /** Whatever the listener does wrong ends its own request only, not the connection. */
  private guard(listener: FrameListener | undefined, action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.cancel();
      listener?.error(new FrameError(SlipwayError.from(cause), { accepted: true, answered: false }));
    }
  }

  private close(): void {
    this.listener = undefined;
    this.sender?.stop();
    this.sender = undefined;
    if (this.untaken > 0) this.connection.taken(this.untaken);
    this.untaken = 0;
    this.onClosed();
  }
}
