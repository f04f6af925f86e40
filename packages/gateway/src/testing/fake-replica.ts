import { createServer, type Socket } from "node:net";
import { silentLog, systemClock } from "@slipway/base";
import { listenTls, type TlsSource } from "@slipway/http";
import { type FrameRequest, type FrameServer, gatewayServerName, serveFrames, tlsAddress } from "@slipway/protocol";

/** A replica for tests: real frames on a real Unix socket or over real TLS, and faults on demand. */
export class FakeReplica {
  readonly name: string;
  /** Where gateways are told to find it. */
  address: string;
  /** Every request it has seen. */
  readonly seen: FrameRequest[] = [];
  private readonly connections = new Map<Socket, FrameServer>();
  private readonly handler: (request: FrameRequest, replica: FakeReplica) => void;
  private readonly where: string | TlsSource;
  private stop: (() => Promise<void>) | undefined;
  private stalled = false;
  private draining = false;

  /** `where` is the path of a Unix socket, or what it proves itself with on a port. */
  constructor(name: string, where: string | TlsSource, handler: (request: FrameRequest, replica: FakeReplica) => void) {
    this.name = name;
    this.where = where;
    this.address = typeof where === "string" ? where : "";
    this.handler = handler;
  }

  get route(): { name: string; address: string } {
    return { name: this.name, address: this.address };
  }

  /** Gateways' connections now. */
  get connected(): number {
    return this.connections.size;
  }

  async start(): Promise<this> {
    const { where } = this;
    this.draining = false;
    const accept = (socket: Socket) => this.accept(socket);
    if (typeof where === "string") {
      const server = createServer(accept);
      await new Promise<void>((resolve) => server.listen(where, resolve));
      this.stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
    } else {
      const client = gatewayServerName;
      const listener = await listenTls({ host: "127.0.0.1", port: 0, credentials: where, client, accept, log: silentLog });
      this.address = tlsAddress("127.0.0.1", listener.port);
      this.stop = () => listener.close();
    }
    return this;
  }

  /** As SIGKILL: connections break and nobody listens. */
  async kill(): Promise<void> {
    const { stop } = this;
    this.stop = undefined;
    const stopped = stop?.();
    for (const socket of this.connections.keys()) socket.destroy();
    await stopped;
  }

  /** Bytes that are no frames, on every connection, behind what was written before. */
  babble(): void {
    for (const socket of this.connections.keys()) socket.write(Buffer.alloc(10, 255));
  }

  /** As SIGSTOP: sockets stay open, nothing is read. */
  stall(): void {
    this.stalled = true;
    for (const socket of this.connections.keys()) socket.pause();
  }

  /** As SIGCONT. */
  resume(): void {
    this.stalled = false;
    for (const socket of this.connections.keys()) socket.resume();
  }

  /** As SIGTERM: says go-away, also to those who come now, and finishes what it has; on one machine it listens no more. */
  async drain(): Promise<void> {
    this.draining = true;
    if (typeof this.where === "string") {
      void this.stop?.();
      this.stop = undefined;
    }
    await Promise.all([...this.connections.values()].map((frames) => frames.drained()));
  }

  private accept(socket: Socket): void {
    const frames = serveFrames(
      socket,
      (request) => {
        this.seen.push(request);
        this.handler(request, this);
      },
      { clock: systemClock },
    );
    this.connections.set(socket, frames);
    if (this.stalled) socket.pause();
    if (this.draining) frames.goAway();
    socket.on("close", () => this.connections.delete(socket));
  }
}
