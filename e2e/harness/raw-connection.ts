import { connect, type Socket } from "node:net";
import { systemClock } from "@slipway/base";

/** An HTTP answer as it stood on the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/** A TCP connection to a listener on loopback, for bytes that no HTTP client would send. */
export class RawConnection {
  /** When it was opened and when it ended, on the monotonic clock. */
  readonly openedAt = systemClock.monotonic();
  closedAt: number | undefined;
  /** Settles when it has ended, however it ended. */
  readonly closed: Promise<void>;
  readonly socket: Socket;
  private readonly chunks: Buffer[] = [];
  private length = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
    });
    // A reset is one way of being closed.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.closedAt = systemClock.monotonic();
        resolve();
      });
    });
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      const connection = new RawConnection(socket);
      socket.once("connect", () => resolve(connection));
      socket.once("error", reject);
    });
  }

  /** Sends bytes and waits until the server closes, at most `seconds`. */
  static async exchange(port: number, bytes: string | Buffer, seconds = 10): Promise<RawAnswer[]> {
    const connection = await RawConnection.open(port);
    connection.socket.write(bytes);
    await connection.ended(seconds);
    return connection.answers();
  }

  get received(): number {
    return this.length;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  /** Waits until the other side has closed; fails after `seconds`. */
  async ended(seconds: number): Promise<void> {
    const deadline = new AbortController();
    const expired = systemClock.sleep(seconds * 1000, deadline.signal).then(
      () => {
        this.socket.destroy();
        throw new Error(`the connection was not closed within ${seconds} s; received: ${this.text().slice(0, 500)}`);
      },
      () => {},
    );
    await Promise.race([this.closed, expired]);
    deadline.abort();
  }

  /** What came until now, answer by answer. */
  answers(): RawAnswer[] {
    return this.text()
      .split(/(?=HTTP\/1\.1 \d{3} )/)
      .filter((text) => text !== "")
      .map((text) => {
        const end = text.indexOf("\r\n\r\n");
        const head = text.slice(0, end);
        return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]), head, body: text.slice(end + 4) };
      });
  }
}
