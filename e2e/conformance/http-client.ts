import { Agent, type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { connect } from "node:net";
import { systemClock } from "@slipway/base";
import { Mismatch } from "./case.ts";
import { exact } from "./datatypes.ts";

/** An answer, its body as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** What to send. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
  /** Sends the body in chunks of this many bytes, without a length. */
  readonly chunked?: number;
}

/** Longest a server may take for anything the suite asks. */
const patienceMs = 20_000;

/** HTTP/1.1 as written: no redirects, no decoding, no headers that were not asked for. */
export class HttpClient {
  private readonly base: URL;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(base: URL) {
    this.base = base;
  }

  /** Where raw connections go; undefined when the server speaks TLS. */
  get plain(): { host: string; port: number; authority: string; prefix: string } | undefined {
    const { protocol, hostname, port, host, pathname } = this.base;
    if (protocol !== "http:") return undefined;
    return {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 80),
      authority: host,
      prefix: pathname.replace(/\/$/, ""),
    };
  }

  /** Sends a request and reads its whole answer. `path` begins with `/` and goes out as it is. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
    try {
      return await this.sendOnce(method, path, sent);
    } catch (caught) {
      // The server closed an idle connection just as it was used again: nobody's fault, RFC 9112 section 9.3.1.
      if (caught instanceof StaleConnection) return this.sendOnce(method, path, sent);
      throw caught;
    }
  }

  private sendOnce(method: string, path: string, { headers = {}, body, chunked }: Sent): Promise<Answer> {
    const { protocol, hostname, port, pathname } = this.base;
    const secure = protocol === "https:";
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? tlsRequest : plainRequest)({
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port,
        path: `${pathname.replace(/\/$/, "")}${path}`,
        method,
        headers: {
          ...(body === undefined || chunked !== undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        },
        timeout: patienceMs,
        ...(secure ? { rejectUnauthorized: false } : { agent: this.agent }),
      });
      outgoing.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const whole = Buffer.concat(chunks);
          resolve({ status: response.statusCode!, headers: response.headers, body: whole, text: whole.toString("utf8") });
        });
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        const stale = outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        const message = `no answer: ${error.message}`;
        reject(stale ? new StaleConnection("an answer", message) : new Mismatch("an answer", message));
      });
      outgoing.on("timeout", () => outgoing.destroy(new Error(`nothing for ${patienceMs} ms`)));
      if (chunked !== undefined && body !== undefined) {
        const bytes = Buffer.from(body);
        for (let at = 0; at < bytes.length; at += chunked) outgoing.write(bytes.subarray(at, at + chunked));
        outgoing.end();
      } else outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

class StaleConnection extends Mismatch {}

/** The value of a JSON answer, with every digit of its whole numbers. Throws `Mismatch` when it is not JSON. */
export function jsonOf(answer: Answer): unknown {
  try {
    return exact(answer.text);
  } catch {
    throw new Mismatch("a body of JSON", `status ${answer.status}, ${answer.text.slice(0, 200) || "an empty body"}`);
  }
}

/** Sends bytes as they are and gives what came until the server closed, `enough` was seen, or `seconds` passed. */
export function rawExchange(
  { host, port }: { host: string; port: number },
  bytes: string | Buffer,
  { enough, seconds = 5 }: { enough?: (text: string) => boolean; seconds?: number } = {},
): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let text = "";
    let settled = false;
    const settle = (closed: boolean) => {
      if (settled) return;
      settled = true;
      cancel();
      socket.destroy();
      resolve({ text, closed });
    };
    const cancel = systemClock.after(seconds * 1_000, () => settle(false));
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (enough?.(text)) settle(false);
    });
    socket.on("close", () => settle(true));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") reject(error);
    });
  });
}
