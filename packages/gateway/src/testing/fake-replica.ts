import { createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@slipway/base";
import { type FrameRequest, type FrameServer, serveFrames } from "@slipway/protocol";

/** A replica for tests: real frames on a real Unix socket, and faults on demand. */
export class FakeReplica {
  readonly name: string;
  readonly address: string;
  /** Every request it has seen. */
  readonly seen: FrameRequest[] = [];
  private readonly connections = new Map<Socket, FrameServer>();
  private readonly handler: (request: FrameRequest, replica: FakeReplica) => void;
  private server: Server | undefined;
  private stalled = false;

  constructor(name: string, address: string, handler: (request: FrameRequest, replica: FakeReplica) => void) {
    this.name = name;
    this.address = address;
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
    const server = createServer((socket) => {
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
      socket.on("close", () => this.connections.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.address, resolve));
    return this;
  }

  /** As SIGKILL: connections break and nobody listens. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    for (const socket of this.connections.keys()) socket.destroy();
    await closed;
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

  /** As SIGTERM: listens no more, says go-away, finishes what it has. */
  async drain(): Promise<void> {
    this.server?.close();
    this.server = undefined;
    await Promise.all([...this.connections.values()].map((frames) => frames.drained()));
  }
}
