import type { Duplex } from "node:stream";
import { Bag, backoff, type Clock, type Log, type Place, SlipwayError } from "@slipway/base";
import { tlsFailure } from "@slipway/http";
import { FrameClient } from "@slipway/protocol";
import type { GatewayCounters } from "../gateway-stats.ts";
import type { ReplicaConnector, ReplicaTarget } from "./replica-connector.ts";

/** A replica that has not answered a ping for this many periods leaves rotation. */
const silentPeriods = 3;

/** A connection through a network that was silent for this many periods is given up: a peer that vanished never says so. */
const lostPeriods = 20;

/** First and longest wait before connecting again; who is not there mostly refuses at once, so trying costs little. */
const firstRetryMs = 20;
const longestRetryMs = 1_000;

/** How long a connection may take until the replica's preface is there. */
const handshakeMs = 5_000;

/** A request that a link carries. */
export interface LinkedRequest {
  /** The link's replica has stalled: go elsewhere if that is possible. */
  leave(): void;
}

/** What all links share. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: GatewayCounters;
  readonly connect: ReplicaConnector;
  /** Called when a link has become ready. */
  readonly onReady: () => void;
}

/** The gateway's connection to one replica: kept up while the replica is in the table, watched by pings. */
export class ReplicaLink {
  private readonly target: ReplicaTarget;
  private readonly options: LinkOptions;
  private readonly requests = new Bag<LinkedRequest>();
  private connecting: FrameClient | undefined;
  private client: FrameClient | undefined;
  /** Connections that take no more requests but still answer some. */
  private readonly leaving = new Set<FrameClient>();
  private failures = 0;
  private silence = 0;
  private pinging = false;
  private stalled = false;
  private retired = false;
  /** Somebody was turned away because the replica had as many requests as it takes. */
  private full = false;
  private lastRefusal: string | undefined;
  private cancelRetry: (() => void) | undefined;

  constructor(target: ReplicaTarget, options: LinkOptions) {
    this.target = target;
    this.options = options;
    this.connect();
  }

  get name(): string {
    return this.target.name;
  }

  /** Requests at the replica now, over all its connections. */
  get inflight(): number {
    return this.requests.size;
  }

  /** The connection new requests go to; undefined when they must not. */
  get open(): FrameClient | undefined {
    const { client } = this;
    if (client === undefined || this.stalled || this.retired) return undefined;
    if (client.available) return client;
    this.full = true;
    return undefined;
  }

  /** Counts a request that was sent over what {@link open} gave, until {@link done}. */
  carries(request: LinkedRequest): Place<LinkedRequest> {
    return this.requests.add(request);
  }

  /** The request is not at this replica any more. */
  done(place: Place<LinkedRequest>): void {
    this.requests.remove(place);
    if (this.full) {
      this.full = false;
      this.options.onReady();
    }
  }

  /** One period of the health probe has passed. */
  tick(): void {
    // All its connections lead to one process: any of them tells whether it lives.
    const client = this.client ?? [...this.leaving][0];
    if (client === undefined) return;
    this.silence += 1;
    if (!this.pinging) {
      this.pinging = true;
      client.ping(() => this.answered());
    }
    if (this.silence < silentPeriods) return;
    if (!this.stalled) {
      this.stalled = true;
      this.options.counters.ejected += 1;
      this.options.log.warn("replica does not answer pings; out of rotation", { replica: this.name });
    }
    for (const request of this.requests.items()) request.leave();
    if (this.silence >= lostPeriods && !this.target.address.startsWith("/")) {
      client.destroy(new SlipwayError("unavailable", "The replica has been silent for too long."));
    }
  }

  /** The replica is out of the table: no new requests, and the connection ends after those in flight. */
  retire(): void {
    this.retired = true;
    this.cancelRetry?.();
    this.client?.close();
  }

  /** Ends everything now. */
  destroy(): void {
    this.retire();
    for (const client of [this.connecting, this.client, ...this.leaving]) client?.destroy();
  }

  private answered(): void {
    this.pinging = false;
    this.silence = 0;
    if (!this.stalled) return;
    this.stalled = false;
    this.options.counters.readmitted += 1;
    this.options.log.info("replica answers pings again", { replica: this.name });
    this.options.onReady();
  }

  private connect(): void {
    this.cancelRetry = undefined;
    const { clock } = this.options;
    let socket: Duplex;
    try {
      socket = this.options.connect(this.target);
    } catch (error) {
      this.refused(SlipwayError.from(error).message);
      this.retryLater();
      return;
    }
    const client = new FrameClient(socket, { clock, onGoAway: () => this.detach(client) });
    this.connecting = client;
    const cancelHandshake = clock.after(handshakeMs, () => {
      client.destroy(new SlipwayError("unavailable", "The replica did not begin to speak in time."));
    });
    client.ready.then(
      () => {
        cancelHandshake();
        this.connecting = undefined;
        if (this.retired) client.close();
        else if (!client.goingAway) this.attach(client);
      },
      () => {
        this.connecting = undefined;
      },
    );
    void client.closed.then((reason) => {
      cancelHandshake();
      this.lost(client, reason);
    });
  }

  private attach(client: FrameClient): void {
    this.client = client;
    this.pinging = false;
    this.silence = 0;
    this.stalled = false;
    this.options.onReady();
    // Only a connection that lasts counts as success: one that is refused right after its preface must be tried ever more slowly.
    client.ping(() => {
      this.failures = 0;
    });
  }

  /** The replica takes no more requests here: what it has it answers, the rest waits for the next connection. */
  private detach(client: FrameClient): void {
    this.leaving.add(client);
    if (this.client === client) this.client = undefined;
    this.retryLater();
  }

  private lost(client: FrameClient, reason: SlipwayError): void {
    if (this.leaving.delete(client)) return;
    if (this.client === client) {
      this.client = undefined;
      if (!this.retired) {
        this.options.counters.lostConnections += 1;
        this.options.log.warn("connection to replica lost", { replica: this.name, reason: reason.message });
      }
    } else if (reason.code !== "unavailable") {
      this.refused(reason.message);
    } else {
      const failure = tlsFailure(reason.cause);
      if (failure !== undefined) this.refused(`The replica is not who it must be: ${failure}.`);
    }
    this.retryLater();
  }

  /** It is tried again for ever, but said once. */
  private refused(reason: string): void {
    if (reason === this.lastRefusal) return;
    this.lastRefusal = reason;
    this.options.log.error("replica cannot be used", { replica: this.name, reason });
  }

  private retryLater(): void {
    if (this.retired || this.cancelRetry !== undefined) return;
    this.failures += 1;
    this.cancelRetry = this.options.clock.after(backoff(this.failures, firstRetryMs, longestRetryMs), () => this.connect());
  }
}
