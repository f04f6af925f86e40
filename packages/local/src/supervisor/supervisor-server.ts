import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { type Log, SlipwayError, toWireError } from "@slipway/base";
import { MessageChannel } from "../channel/message-channel.ts";
import type { Call, ChildMessage, ClientMessage, ServerMessage } from "../channel/messages.ts";
import type { ProcessTable } from "./process-table.ts";

/** What the server of a supervisor needs. */
export interface SupervisorServerOptions {
  readonly socketPath: string;
  readonly table: ProcessTable;
  readonly log: Log;
  /** Calls of clients wait for it: a table that still fills would make control start what already runs. */
  readonly ready: Promise<void>;
  /** True once the platform is ending: nothing new is started then. */
  readonly ending: () => boolean;
}

/** The supervisor's socket: lifelines of children and calls of control, told apart by their first message. */
export class SupervisorServer {
  private readonly options: SupervisorServerOptions;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(options: SupervisorServerOptions) {
    this.options = options;
    this.server = createServer((socket) => this.accept(socket));
  }

  /** Listens on the socket; one that is already there is stale, because the caller holds the home's lock. */
  static async listen(options: SupervisorServerOptions): Promise<SupervisorServer> {
    const listening = new SupervisorServer(options);
    rmSync(options.socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      listening.server.once("error", reject);
      listening.server.listen(options.socketPath, resolve);
    });
    chmodSync(options.socketPath, 0o600);
    return listening;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    let child: ((message: ChildMessage) => void) | undefined;
    let stopWatching = () => {};
    const channel = new MessageChannel<ChildMessage | ClientMessage, ServerMessage>(socket, {
      message: (message) => {
        try {
          if (message.type === "hello") {
            child = this.options.table.hello(message);
            if (child === undefined) channel.close();
          } else if (message.type === "report" || message.type === "beat") child?.(message);
          else if (message.type === "call") void this.answer(message.id, message.call, channel);
          else if (message.type === "watch") stopWatching = this.watch(channel);
        } catch (error) {
          this.options.log.warn("a message to the supervisor was not understood", { error });
          channel.close();
        }
      },
      close: () => {
        stopWatching();
        this.sockets.delete(socket);
      },
    });
  }

  private watch(channel: MessageChannel<unknown, ServerMessage>): () => void {
    const { table } = this.options;
    for (const { spec } of table.all()) channel.send({ type: "change", change: { id: spec.id, labels: spec.labels } });
    return table.onChange((change) => channel.send({ type: "change", change }));
  }

  private async answer(id: number, call: Call, channel: MessageChannel<unknown, ServerMessage>): Promise<void> {
    try {
      await this.options.ready;
      channel.send({ type: "result", id, result: this.perform(call) ?? null });
    } catch (error) {
      channel.send({ type: "error", id, error: toWireError(error) });
    }
  }

  private perform(call: Call): unknown {
    const { table, ending } = this.options;
    if (call.method === "list") return table.list(call.labels);
    const role = call.method === "start" ? call.spec.role : table.get(call.process)?.spec.role;
    if (role !== undefined && role !== "replica") {
      throw new SlipwayError(
        "forbidden",
        "Only replicas are started and stopped on request; the supervisor keeps the other processes.",
      );
    }
    if (call.method === "start") {
      if (ending()) throw new SlipwayError("unavailable", "The platform is shutting down; nothing new is started.");
      table.start(call.spec);
    } else if (call.method === "stop") table.stop(call.process, call.graceMs);
    else table.forget(call.process);
    return undefined;
  }
}
