import { EventEmitter } from "node:events";
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import type { Socket } from "node:net";
import type { Outgoing } from "../exchange/outgoing.ts";

/** Answers up to this size are copied behind their head: one write costs less than the copy. */
const joinBytes = 32 * 1024;

/** What an answer needs of its connection. */
export interface PlainResponseOptions {
  readonly socket: Socket;
  /** The lines that every answer has, each with its end: the date, how long the connection is kept. */
  readonly commonLines: () => string;
  /** Called once: the answer is with the kernel or the socket's buffer, and the next request may be read; `keep` is false when it was the connection's last. */
  readonly onEnd: (keep: boolean) => void;
}

/** An answer on a connection whose requests are read by ourselves. Emits `drain` and, once, `close`. */
export class PlainResponse extends EventEmitter implements Outgoing {
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  private readonly options: PlainResponseOptions;
  private head: string | undefined;
  private chunked = false;
  private keep = true;
  private closed = false;
  private drains = false;
  private corks = 0;

  constructor(options: PlainResponseOptions) {
    super();
    this.options = options;
  }

  get writableLength(): number {
    return this.options.socket.writableLength;
  }

  writeHead(status: number, list: readonly (string | number)[]): void {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n`;
    let framed = status === 204 || status === 304;
    for (let index = 0; index < list.length; index += 2) {
      const name = list[index] as string;
      if (name === "content-length") framed = true;
      else if (name === "connection") {
        this.keep = false;
        continue;
      }
      const value = String(list[index + 1]!);
      // What came from elsewhere must not begin a line of its own.
      validateHeaderName(name);
      validateHeaderValue(name, value);
      head += `${name}: ${value}\r\n`;
    }
    if (!framed) {
      this.chunked = true;
      head += "transfer-encoding: chunked\r\n";
    }
    this.head = `${head}${this.keep ? this.options.commonLines() : "connection: close\r\n"}\r\n`;
    this.headersSent = true;
  }

  cork(): void {
    this.corks += 1;
    this.options.socket.cork();
  }

  uncork(): void {
    if (this.corks === 0) return;
    this.corks -= 1;
    this.options.socket.uncork();
  }

  flushHeaders(): void {
    const { head } = this;
    if (head === undefined) return;
    this.head = undefined;
    this.options.socket.write(head, "latin1");
  }

  write(chunk: Uint8Array | string): boolean {
    const { socket } = this.options;
    if (this.destroyed || this.writableEnded) return false;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (bytes.length === 0) return true;
    socket.cork();
    this.flushHeaders();
    if (this.chunked) socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
    let room = socket.write(bytes);
    if (this.chunked) room = socket.write("\r\n", "latin1");
    socket.uncork();
    if (!room && !this.drains) {
      this.drains = true;
      socket.once("drain", () => {
        this.drains = false;
        if (!this.destroyed) this.emit("drain");
      });
    }
    return room;
  }

  end(body?: Uint8Array | string, encoding?: "latin1"): void {
    if (this.destroyed || this.writableEnded) return;
    const { socket } = this.options;
    if (this.head !== undefined && !this.chunked) this.writeWhole(this.head, body, encoding);
    else {
      if (body !== undefined) this.write(body);
      this.flushHeaders();
      if (this.chunked) socket.write("0\r\n\r\n", "latin1");
    }
    this.writableEnded = true;
    while (this.corks > 0) this.uncork();
    if (socket.writableLength === 0) this.finish();
    else socket.write("", () => this.finish());
  }

  destroy(): void {
    this.options.socket.destroy();
    this.lost();
  }

  /** The connection has gone. */
  lost(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.close();
  }

  private writeWhole(head: string, body: Uint8Array | string | undefined, encoding: "latin1" | undefined): void {
    const { socket } = this.options;
    this.head = undefined;
    if (typeof body === "string" && encoding !== undefined) {
      socket.write(head + body, encoding);
      return;
    }
    if (body === undefined || body.length === 0) {
      socket.write(head, "latin1");
      return;
    }
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    if (bytes.length > joinBytes) {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(bytes);
      socket.uncork();
      return;
    }
    const whole = Buffer.allocUnsafe(head.length + bytes.length);
    whole.write(head, 0, "latin1");
    whole.set(bytes, head.length);
    socket.write(whole);
  }

  private finish(): void {
    if (this.writableFinished || this.destroyed) return;
    this.writableFinished = true;
    this.close();
    this.options.onEnd(this.keep);
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit("close");
  }
}
