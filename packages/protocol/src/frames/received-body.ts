import { joinAligned, SlipwayError } from "@slipway/base";
import type { FrameConnection } from "./frame-connection.ts";
import { frameType } from "./frame-format.ts";
import type { FrameBody, WholeOptions } from "./frame-request.ts";
import { ReceiveWindow } from "./receive-window.ts";

/** The body of a request as it comes in; gives credit as its reader takes it. Holds at most a stream window nobody has taken. */
export class ReceivedBody implements FrameBody {
  private readonly connection: FrameConnection;
  private readonly stream: number;
  private readonly window: ReceiveWindow;
  private chunks: Buffer[] = [];
  private ended = false;
  private failure: SlipwayError | undefined;
  private reader: (() => void) | undefined;
  private read = false;

  constructor(connection: FrameConnection, stream: number) {
    this.connection = connection;
    this.stream = stream;
    this.window = new ReceiveWindow(connection.limits.streamWindow);
  }

  /** The next bytes came. */
  receive(chunk: Buffer, end: boolean): void {
    if (this.ended) throw new SlipwayError("badRequest", `The gateway sends more of request ${this.stream} after its end.`);
    this.window.receive(chunk.length);
    if (this.failure !== undefined) {
      this.connection.taken(chunk.length);
      return;
    }
    if (chunk.length > 0) this.chunks.push(chunk);
    this.ended = end;
    this.reader?.();
  }

  /** No one reads on: a waiting reader gets the reason unless the body is whole. */
  stop(reason: SlipwayError): void {
    if (this.failure !== undefined) return;
    this.failure = reason;
    for (const chunk of this.chunks) this.connection.taken(chunk.length);
    this.chunks = [];
    this.reader?.();
  }

  whole(limit: number, { alignAt = 0, hold }: WholeOptions = {}): Promise<Buffer> {
    this.begin();
    const parts: Buffer[] = [];
    let size = 0;
    return new Promise((resolve, reject) => {
      const step = () => {
        const { chunks } = this;
        this.chunks = [];
        for (const chunk of chunks) {
          size += chunk.length;
          parts.push(chunk);
          this.take(chunk.length);
          if (hold !== undefined) this.tryHold(hold, chunk.length);
        }
        if (this.failure === undefined && size > limit) {
          this.stop(
            new SlipwayError("tooLarge", `The body is over its limit of ${limit} bytes.`, { hint: "Send less at once." }),
          );
        }
        if (this.failure !== undefined) reject(this.failure);
        else if (this.ended) resolve(parts.length === 1 ? parts[0]! : joinAligned(parts, size, alignAt, Buffer.allocUnsafeSlow));
        else return;
        this.reader = undefined;
      };
      this.reader = step;
      step();
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.begin();
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.take(chunk.length);
        yield chunk;
      } else if (this.failure !== undefined) throw this.failure;
      else if (this.ended) return;
      else {
        await new Promise<void>((resolve) => {
          this.reader = resolve;
        });
      }
    }
  }

  private tryHold(hold: (bytes: number) => void, bytes: number): void {
    try {
      hold(bytes);
    } catch (error) {
      this.stop(SlipwayError.from(error));
    }
  }

  private begin(): void {
    if (this.read) throw new SlipwayError("internal", "A body can be read once.");
    this.read = true;
  }

  private take(bytes: number): void {
    this.connection.taken(bytes);
    const credit = this.ended ? 0 : this.window.take(bytes);
    if (credit > 0) this.connection.writer.number(frameType.credit, this.stream, credit);
  }
}
