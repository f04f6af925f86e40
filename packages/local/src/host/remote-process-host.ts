import { connect, type Socket } from "node:net";
import { type Clock, Feed, fromWireError, SlipwayError } from "@slipway/base";
import { MessageChannel } from "../channel/message-channel.ts";
import type { Call, ClientMessage, ServerMessage } from "../channel/messages.ts";
import type { ProcessChange, ProcessHost } from "./process-host.ts";
import type { ProcessStatus } from "./process-status.ts";

/** How control reaches the supervisor. */
export interface ProcessHostOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** How long one call may take. Default 10 s. */
  readonly timeoutMs?: number;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: SlipwayError): void;
}

const reconnectMs = 100;

/** The supervisor's process table over its socket. Connects when first used, and again after the connection broke. */
export class RemoteProcessHost implements ProcessHost {
  private readonly options: ProcessHostOptions;
  private readonly waiting = new Map<number, Waiting>();
  private channel: MessageChannel<ServerMessage, ClientMessage> | undefined;
  private nextId = 1;

  constructor(options: ProcessHostOptions) {
    this.options = options;
  }

  list: ProcessHost["list"] = async (labels, signal) => (await this.call({ method: "list", labels }, signal)) as ProcessStatus[];

  start: ProcessHost["start"] = async (spec, signal) => {
    await this.call({ method: "start", spec }, signal);
  };

  stop: ProcessHost["stop"] = async (process, graceMs, signal) => {
    await this.call({ method: "stop", process, graceMs }, signal);
  };

  forget: ProcessHost["forget"] = async (process, signal) => {
    await this.call({ method: "forget", process }, signal);
  };

  /** Ends the connection; calls under way fail with `unavailable`. */
  close(): void {
    this.channel?.close();
  }

  async *changes(signal: AbortSignal): AsyncIterable<ProcessChange> {
    // By id: a process that changes twice before it is looked at has changed.
    const changed = new Feed<ProcessChange>(({ id }) => id, signal);
    const watch = watchChanges(this.options, signal, (change) => changed.push(change));
    try {
      yield* changed;
    } finally {
      watch.end();
    }
  }

  private call(call: Call, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.waiting.delete(id);
        signal.removeEventListener("abort", onAbort);
        cancel();
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
      };
      const onAbort = () => fail(signal.reason);
      const cancel = this.options.clock.after(this.options.timeoutMs ?? 10_000, () =>
        fail(
          new SlipwayError("unavailable", "The supervisor did not answer in time.", { hint: "Is `slipway up` still running?" }),
        ),
      );
      signal.addEventListener("abort", onAbort, { once: true });
      this.waiting.set(id, {
        resolve(result) {
          settle();
          resolve(result);
        },
        reject: fail,
      });
      this.connected().send({ type: "call", id, call });
    });
  }

  private connected(): MessageChannel<ServerMessage, ClientMessage> {
    if (this.channel !== undefined) return this.channel;
    const channel = new MessageChannel<ServerMessage, ClientMessage>(connect(this.options.socketPath), {
      message: (message) => {
        if (message.type === "result") this.waiting.get(message.id)?.resolve(message.result);
        if (message.type === "error") this.waiting.get(message.id)?.reject(fromWireError(message.error));
      },
      close: () => {
        this.channel = undefined;
        for (const waiting of [...this.waiting.values()]) waiting.reject(unreachable());
      },
    });
    this.channel = channel;
    return channel;
  }
}

function unreachable(): SlipwayError {
  return new SlipwayError("unavailable", "The supervisor cannot be reached.", { hint: "Is `slipway up` still running?" });
}

/** Hands over changes until ended, on a connection of its own, which it makes anew whenever it breaks. */
function watchChanges(options: ProcessHostOptions, signal: AbortSignal, on: (change: ProcessChange) => void): { end(): void } {
  let socket: Socket | undefined;
  let ended = signal.aborted;
  let cancel = () => {};
  const open = () => {
    if (ended) return;
    socket = connect(options.socketPath);
    const channel = new MessageChannel<ServerMessage, ClientMessage>(socket, {
      message(message) {
        if (message.type === "change") on(message.change);
      },
      close() {
        if (!ended) cancel = options.clock.after(reconnectMs, open);
      },
    });
    channel.send({ type: "watch" });
  };
  open();
  return {
    end() {
      ended = true;
      cancel();
      socket?.destroy();
    },
  };
}
