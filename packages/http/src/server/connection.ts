import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock, SlipwayError } from "@slipway/base";
import type { Exchange } from "../exchange/exchange.ts";
import type { HttpServerOptions } from "./http-server.ts";
import { errorHeaders } from "./render-error.ts";

/** A refused client gets this long to read why before its socket is destroyed. */
const lingerMs = 1_000;

/** What the server knows of one socket: requests under way, and why it takes no more of them. */
export class Connection {
  inflight = 0;
  /** The newest request. */
  current: Exchange | undefined = undefined;
  /** Set once the connection accepts nothing more. */
  refused = false;
  private readonly socket: Duplex;
  private readonly clock: Clock;
  private readonly render: NonNullable<HttpServerOptions["renderError"]>;
  private refusal: string | undefined = undefined;

  constructor(socket: Duplex, clock: Clock, render: NonNullable<HttpServerOptions["renderError"]>) {
    this.socket = socket;
    this.clock = clock;
    this.render = render;
  }

  /** Answers what no request object exists for, after every answer that is owed before it, and closes. */
  refuse(error: SlipwayError, status?: number): void {
    if (this.refused) return;
    this.refused = true;
    const rendered = this.render(error, undefined);
    const body = JSON.stringify(rendered.body);
    const code = status ?? rendered.status ?? error.httpStatus;
    const lines = Object.entries(errorHeaders(error, undefined)).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? "Error"}\r\n${lines.join("")}`;
    this.refusal = `${head}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
    if (this.inflight === 0) this.flush();
  }

  /** One request less is under way. */
  release(): void {
    this.inflight -= 1;
    if (this.inflight === 0) this.flush();
  }

  private flush(): void {
    if (this.refusal === undefined) return;
    const { socket } = this;
    const text = this.refusal;
    this.refusal = undefined;
    if (socket.writable) socket.end(text);
    const cancel = this.clock.after(lingerMs, () => socket.destroy());
    socket.once("close", cancel);
  }
}
