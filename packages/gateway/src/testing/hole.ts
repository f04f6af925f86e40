import { connect, createServer, type Socket } from "node:net";
import { parseReplicaAddress, tlsAddress } from "@slipway/protocol";

/** A way to an address that can be made to swallow everything, in both directions, without a word: as a node that lost its power, or a rule that drops packets. */
export class Hole {
  /** The way's own address. */
  address = "";
  /** Connections made and bytes sent since it swallows: proof that somebody ran into it. */
  swallowed = { connections: 0, bytes: 0 };
  private swallows = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.pass(socket));
  private readonly target: string;

  constructor(target: string) {
    this.target = target;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    const { port } = this.server.address() as { port: number };
    this.address = tlsAddress("127.0.0.1", port);
    return this;
  }

  open(): void {
    this.swallows = true;
  }

  /** New connections get through again; what was swallowed stays lost. */
  close(): void {
    this.swallows = false;
  }

  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private pass(near: Socket): void {
    this.keep(near);
    if (this.swallows) {
      this.swallowed.connections += 1;
      near.on("data", (chunk: Buffer) => this.swallow(chunk));
      return;
    }
    const place = parseReplicaAddress(this.target);
    if (place?.type !== "tls") throw new Error("not an address in a network");
    const far = connect(place.port, place.host);
    this.keep(far);
    // Once something of a connection was swallowed, the rest of it is as well.
    let lost = false;
    const forward = (from: Socket, to: Socket) => {
      from.on("data", (chunk: Buffer) => {
        lost ||= this.swallows;
        if (lost) this.swallow(chunk);
        else to.write(chunk);
      });
      from.on("close", () => {
        if (!lost && !this.swallows) to.destroy();
      });
    };
    forward(near, far);
    forward(far, near);
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
  }

  private swallow(chunk: Buffer): void {
    this.swallowed.bytes += chunk.length;
  }
}
