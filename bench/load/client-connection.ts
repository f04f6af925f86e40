import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Called when a request is answered; a status of 0 means the connection broke. */
export type OnAnswer = (connection: ClientConnection, request: number, status: number) => void;

const headEnd = Buffer.from("\r\n\r\n");

/** One keep-alive connection with at most one request on its way. Understands answers with a content-length, which is all that model servers send here. */
export class ClientConnection {
  private readonly url: URL;
  private readonly onAnswer: OnAnswer;
  private socket!: Socket;
  private request = -1;
  private status = 0;
  /** Bytes of the body still to come; -1 while the head is not complete. */
  private missing = -1;
  private head: Buffer | undefined;
  private closed = false;

  constructor(url: URL, onAnswer: OnAnswer) {
    this.url = url;
    this.onAnswer = onAnswer;
  }

  async open(): Promise<void> {
    this.connect();
    await once(this.socket, "connect");
  }

  send(message: Buffer, request: number): void {
    this.request = request;
    this.missing = -1;
    this.socket.write(message);
  }

  close(): void {
    this.closed = true;
    this.socket.destroy();
  }

  private connect(): void {
    this.socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
    this.socket.on("data", (chunk: Buffer) => this.read(chunk));
    this.socket.on("error", () => {});
    this.socket.on("close", () => this.reconnect());
  }

  private reconnect(): void {
    if (this.closed) return;
    this.head = undefined;
    this.connect();
    this.answer(0);
  }

  private read(chunk: Buffer): void {
    if (this.missing >= 0) this.missing -= chunk.length;
    else {
      const bytes = this.head === undefined ? chunk : Buffer.concat([this.head, chunk]);
      const end = bytes.indexOf(headEnd);
      if (end === -1) {
        this.head = bytes;
        return;
      }
      this.head = undefined;
      this.status = (bytes[9]! - 48) * 100 + (bytes[10]! - 48) * 10 + bytes[11]! - 48;
      const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, end));
      this.missing = Number(length?.[1] ?? 0) - (bytes.length - end - headEnd.length);
    }
    if (this.missing <= 0) this.answer(this.status);
  }

  private answer(status: number): void {
    const { request } = this;
    if (request === -1) return;
    this.request = -1;
    this.onAnswer(this, request, status);
  }
}
