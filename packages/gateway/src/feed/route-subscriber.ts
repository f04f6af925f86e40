import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { backoff, type Clock, type Instant, type Log, SlipwayError } from "@slipway/base";
import { tlsFailure } from "@slipway/http";
import { type FeedUp, feedVersion, parseFeedDown, type RouteTable } from "@slipway/protocol";
import type { FeedConnector } from "./feed-connector.ts";
import { readLines } from "./line-reader.ts";

/** Ten thousand models with three replicas each are some 6 MB. */
const lineBytes = 64 * 1024 * 1024;

const firstRetryMs = 50;
const longestRetryMs = 500;

/** Control asks every second; after this long without a line it has stalled, or we have. */
const silenceMs = 10_000;

/** What a subscriber needs. */
export interface RouteSubscriberOptions {
  /** The way to control. */
  readonly connect: FeedConnector;
  readonly clock: Clock;
  readonly log: Log;
  /** Puts a table in force; the acknowledgement is sent when it returns. */
  readonly apply: (table: RouteTable) => void;
  /** Called when control, whose table was followed, is away. */
  readonly onAway?: () => void;
}

/** Follows control's routes: applies and acknowledges each table. While control is away the last table stays in force, and it tries again and again. */
export class RouteSubscriber {
  private readonly options: RouteSubscriberOptions;
  private readonly gateway = randomUUID();
  private socket: Socket | undefined;
  private failures = 0;
  private cancelRetry: (() => void) | undefined;
  private cancelSilence: () => void = () => {};
  private lastReason: string | undefined;
  private closed = false;
  private since: Instant | undefined;

  constructor(options: RouteSubscriberOptions) {
    this.options = options;
    this.since = options.clock.now();
    this.connect();
  }

  /** Since when control has been away; undefined while its table is followed. */
  get staleSince(): Instant | undefined {
    return this.since;
  }

  close(): void {
    this.closed = true;
    this.cancelRetry?.();
    this.cancelSilence();
    this.socket?.destroy();
  }

  private connect(): void {
    this.options.connect().then(
      (socket) => this.follow(socket),
      (error) => this.lost(error),
    );
  }

  private follow(socket: Socket): void {
    if (this.closed) {
      socket.destroy();
      return;
    }
    this.socket = socket;
    readLines(
      socket,
      lineBytes,
      (line) => this.read(socket, line),
      (error) => {
        this.options.log.error("routes refused", { error });
        socket.destroy();
      },
    );
    socket.on("error", (error) => {
      const failure = tlsFailure(error);
      this.say(failure === undefined ? error : new SlipwayError("unavailable", `Control is not who it must be: ${failure}.`));
    });
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.lost());
    this.heard(socket);
    this.send(socket, { type: "hello", version: feedVersion, gateway: this.gateway });
  }

  private read(socket: Socket, line: string): void {
    const message = parseFeedDown(line);
    this.heard(socket);
    if (message.type === "ping") {
      this.send(socket, { type: "pong" });
      return;
    }
    this.failures = 0;
    // First: who waited to learn whether a model exists is answered while the table is applied.
    this.since = undefined;
    this.options.apply(message.table);
    this.options.log.debug("routes applied", { generation: message.table.generation });
    this.send(socket, { type: "applied", generation: message.table.generation });
  }

  private heard(socket: Socket): void {
    this.cancelSilence();
    this.cancelSilence = this.options.clock.after(silenceMs, () => {
      this.options.log.warn("control does not speak");
      socket.destroy();
    });
  }

  private send(socket: Socket, message: FeedUp): void {
    socket.write(`${JSON.stringify(message)}\n`);
  }

  private lost(error?: unknown): void {
    this.cancelSilence();
    if (this.closed) return;
    const { clock, log, onAway } = this.options;
    if (this.since === undefined) {
      this.since = clock.now();
      log.warn("control is away; the last routes stay in force");
      onAway?.();
    }
    this.say(error);
    this.failures += 1;
    this.cancelRetry = clock.after(backoff(this.failures, firstRetryMs, longestRetryMs), () => this.connect());
  }

  /** It is tried again and again, and each reason said once. On one machine control that is not there is no news. */
  private say(error: unknown): void {
    if (error === undefined) return;
    if (!(error instanceof SlipwayError)) this.options.log.debug("routes feed failed", { error });
    else if (error.message !== this.lastReason) this.options.log.warn("no way to control", { reason: error.message });
    this.lastReason = error instanceof SlipwayError ? error.message : this.lastReason;
  }
}
