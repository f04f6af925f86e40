import type { Socket } from "node:net";

/** Longer than any message of ours; what exceeds it is not one. */
const longestMessage = 16 * 1024 * 1024;

/** JSON messages, one a line, over a socket between our own processes. A line that is no JSON object ends the connection. */
export class MessageChannel<Incoming, Outgoing> {
  private readonly socket: Socket;

  constructor(socket: Socket, on: { message(message: Incoming): void; close(): void }) {
    this.socket = socket;
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    socket.on("data", (chunk: Buffer) => {
      let rest = chunk;
      for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
        const line = Buffer.concat([...pending, rest.subarray(0, end)]).toString("utf8");
        pending = [];
        pendingBytes = 0;
        rest = rest.subarray(end + 1);
        const message = parse(line);
        if (message === undefined) {
          socket.destroy();
          return;
        }
        on.message(message as Incoming);
        if (socket.destroyed) return;
      }
      pending.push(rest);
      pendingBytes += rest.length;
      if (pendingBytes > longestMessage) socket.destroy();
    });
    // Every error is followed by close, which says all there is to say.
    socket.on("error", () => {});
    socket.on("close", () => on.close());
  }

  /** Does nothing once the connection is gone. */
  send(message: Outgoing): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.socket.destroy();
  }
}

function parse(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
