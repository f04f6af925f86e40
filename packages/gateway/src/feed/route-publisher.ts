import { unlink } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { listenTls, type TlsListener, type TlsSource } from "@slipway/http";
import { gatewayServerName, type ModelRoute } from "@slipway/protocol";
import { SubscribedGateway } from "./subscribed-gateway.ts";

/** How often gateways are asked whether they live. */
const pingMs = 1_000;
/** How long gateways of the control before this one may take to come back, unless the options say; on one machine they try every half second. */
const defaultReconnectMs = 2_000;

/**
 * Control's end of the routes feed. Every gateway gets the whole table, the newest one only, whenever it has applied the one before.
 * Nothing is sent before {@link RoutePublisher.begin}: gateways keep the routes of the control before this one until all of ours are known.
 */
export class RoutePublisher {
  private readonly clock: Clock;
  private readonly log: Log;
  private readonly server: Server;
  private readonly reconnectMs: number;
  private secure: TlsListener | undefined;
  private readonly models = new Map<string, { route: ModelRoute; text: string }>();
  private readonly gateways = new Set<SubscribedGateway>();
  private readonly listeners = new Set<(generation: number) => void>();
  /** Never 0 while there is a table: 0 says that nothing is in force. */
  private generation = 1;
  private begun = false;
  private awaitingGateways = true;
  private told = 0;
  private sending = false;
  private cancelPing: () => void = () => {};
  private cancelAwaiting: () => void = () => {};

  /** `reconnectMs`: how long gateways of the control before this one may take to come back. Default 2 s; in a cluster they have to find it first. */
  constructor(options: { readonly clock: Clock; readonly log: Log; readonly reconnectMs?: number }) {
    this.clock = options.clock;
    this.log = options.log;
    this.reconnectMs = options.reconnectMs ?? defaultReconnectMs;
    this.server = createServer((socket) => this.gateways.add(this.subscribe(socket)));
  }

  /** Gateways that have said who they are and follow the routes. */
  get live(): number {
    return this.all().length;
  }

  /** Listens on a Unix socket; a left-over file that nobody listens on is replaced. Throws `conflict`. */
  async listen(path: string): Promise<void> {
    try {
      await this.bind(path);
    } catch (cause) {
      if ((cause as { code?: string }).code !== "EADDRINUSE" || (await answers(path))) {
        throw new SlipwayError("conflict", "The socket of the routes feed is in use, or may not be created.", { cause });
      }
      await unlink(path);
      await this.bind(path);
    }
    this.ping();
  }

  /** Listens with TLS for gateways of this installation, by their certificate; returns the port. Throws `conflict`. */
  async listenTls(options: { readonly host: string; readonly port: number; readonly credentials: TlsSource }): Promise<number> {
    this.secure = await listenTls({
      ...options,
      client: gatewayServerName,
      accept: (socket) => this.gateways.add(this.subscribe(socket)),
      log: this.log,
    });
    this.ping();
    return this.secure.port;
  }

  /** Sends tables from now on. Call it once every model that is known at start has its route. */
  begin(): void {
    this.begun = true;
    this.cancelAwaiting = this.clock.after(this.reconnectMs, () => {
      this.awaitingGateways = false;
      this.changed();
    });
    this.changed();
  }

  /** Makes this the route of one model (undefined removes it) and returns the generation of the table that has it. No new generation when nothing changes. */
  publish(namespace: string, name: string, route: ModelRoute | undefined): number {
    const key = `${namespace}/${name}`;
    const text = route === undefined ? undefined : JSON.stringify(route);
    if (this.models.get(key)?.text === text) return this.generation;
    if (route === undefined || text === undefined) this.models.delete(key);
    else this.models.set(key, { route, text });
    this.generation += 1;
    this.changed();
    return this.generation;
  }

  /** The newest generation that every live gateway has in force; with no gateway, the newest published. 0 before {@link begin}, and while gateways may still come back after it. */
  acknowledged(): number {
    const gateways = this.all();
    if (!this.begun || (this.awaitingGateways && gateways.length === 0)) return 0;
    return gateways.reduce((least, gateway) => Math.min(least, Math.max(0, gateway.applied)), this.generation);
  }

  /** Calls back after every change of {@link acknowledged}; returns how to stop. */
  onAcknowledged(listener: (generation: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Stops listening and ends the gateways' connections; they keep their routes. */
  async close(): Promise<void> {
    this.cancelPing();
    this.cancelAwaiting();
    this.listeners.clear();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const gateway of this.gateways) gateway.end();
    await Promise.all([closed, this.secure?.close()]);
  }

  private all(): SubscribedGateway[] {
    return [...this.gateways].filter((gateway) => gateway.greeted);
  }

  private bind(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(path, () => {
        this.server.off("error", reject);
        this.server.on("error", (error) => this.log.error("routes feed failed", { error }));
        resolve();
      });
    });
  }

  private subscribe(socket: Socket): SubscribedGateway {
    const gateway: SubscribedGateway = new SubscribedGateway(socket, {
      clock: this.clock,
      log: this.log,
      onChange: () => this.changed(),
      onEnd: () => {
        this.gateways.delete(gateway);
        this.changed();
      },
    });
    return gateway;
  }

  /** Tells listeners and, at the end of this turn, gateways: a burst of changes becomes one table. */
  private changed(): void {
    const acknowledged = this.acknowledged();
    if (acknowledged !== this.told) {
      this.told = acknowledged;
      for (const listener of [...this.listeners]) listener(acknowledged);
    }
    if (!this.begun || this.sending) return;
    this.sending = true;
    setImmediate(() => this.send());
  }

  private send(): void {
    this.sending = false;
    const due = this.all().filter((gateway) => gateway.wants(this.generation));
    if (due.length === 0) return;
    const table = { generation: this.generation, models: [...this.models.values()].map(({ route }) => route) };
    const line = `${JSON.stringify({ type: "routes", table })}\n`;
    for (const gateway of due) gateway.sendTable(this.generation, line);
  }

  private ping(): void {
    this.cancelPing();
    this.cancelPing = this.clock.after(pingMs, () => {
      for (const gateway of this.all()) gateway.ping();
      this.ping();
    });
  }
}

/** Whether somebody listens on a Unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
