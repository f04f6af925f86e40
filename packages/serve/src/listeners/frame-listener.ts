import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type Clock, SlipwayError } from "@slipway/base";
import { type FrameRequest, type FrameServer, serveFrames } from "@slipway/protocol";
import type { InferenceAnswer, Operation } from "../replica/inference-call.ts";
import type { Replica } from "../replica/replica.ts";

/** What {@link listenFrames} needs. */
export interface FrameListenerOptions {
  readonly replica: Replica;
  /** Path of the Unix socket, at most 107 bytes; nothing may be there. */
  readonly path: string;
  /** Largest request body in bytes. Default 64 MiB. */
  readonly bodyLimit?: number;
  readonly clock: Clock;
}

/** A replica's listener for gateways. */
export interface FrameListener {
  readonly path: string;
  /** Says go-away on every connection; resolves when everything accepted is answered and sent. */
  drain(): Promise<void>;
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

/** The operation of each path after a model's name, with its method. */
const operations: Readonly<Record<string, { readonly operation: Operation; readonly method: "GET" | "POST" }>> = {
  "": { operation: "metadata", method: "GET" },
  metadata: { operation: "metadata", method: "GET" },
  ready: { operation: "ready", method: "GET" },
  infer: { operation: "infer", method: "POST" },
};

const empty = new Uint8Array(0);

/** Serves a replica to gateways, over frames on a Unix socket. */
export async function listenFrames(options: FrameListenerOptions): Promise<FrameListener> {
  const listener = new UnixFrameListener(options);
  await listener.start();
  return listener;
}

class UnixFrameListener implements FrameListener {
  readonly path: string;
  private readonly options: FrameListenerOptions;
  private readonly bodyLimit: number;
  private readonly server: Server;
  private readonly connections = new Set<FrameServer>();
  private draining = false;

  constructor(options: FrameListenerOptions) {
    this.options = options;
    this.path = options.path;
    this.bodyLimit = options.bodyLimit ?? 64 * 1024 * 1024;
    this.server = createServer((socket) => this.accept(socket));
  }

  async start(): Promise<void> {
    this.server.listen(this.path);
    await once(this.server, "listening");
  }

  async drain(): Promise<void> {
    this.draining = true;
    const connections = [...this.connections];
    for (const connection of connections) connection.goAway();
    await Promise.all(connections.map((connection) => connection.drained()));
    await this.options.replica.drain();
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    const connection = serveFrames(socket, (request) => void this.serve(request), { clock: this.options.clock });
    this.connections.add(connection);
    if (this.draining) connection.goAway();
    void connection.closed.then(() => this.connections.delete(connection));
  }

  private async serve(request: FrameRequest): Promise<void> {
    const answer = await this.answer(request);
    // A caller that has left gets nothing; saying so would only be dropped.
    if (!request.cancelled) request.respond({ status: answer.status, headers: answer.headers }, answer.body);
  }

  private async answer(request: FrameRequest): Promise<InferenceAnswer> {
    const { replica } = this.options;
    const { namespace, model, revision, path, method, headers } = request.head;
    try {
      const found = Object.hasOwn(operations, path) ? operations[path] : undefined;
      if (found === undefined) throw new SlipwayError("notFound", "A model has nothing at this path.");
      if (found.method !== method && !(found.method === "GET" && method === "HEAD")) {
        throw new SlipwayError("methodNotAllowed", `The method must be ${found.method}.`);
      }
      const body = found.operation === "infer" ? await request.body.whole(this.bodyLimit) : empty;
      return await replica.handle({ namespace, model, revision, operation: found.operation, headers, body, caller: request });
    } catch (error) {
      return replica.answerError(error);
    }
  }
}
