import type { Clock } from "@slipway/base";
import type { Routes } from "@slipway/control";

type ModelRoute = NonNullable<Parameters<Routes["publish"]>[2]>;

/** How {@link FakeRoutes} are made. */
export interface FakeRoutesOptions {
  readonly clock: Clock;
  /** Gateways that follow. Default 1. */
  readonly gateways?: number;
  /** Milliseconds a gateway takes to put a table in force and acknowledge it; asked anew for each table. Default 0. */
  readonly acknowledgeMs?: () => number;
}

type Table = ReadonlyMap<string, ModelRoute>;

interface Gateway {
  /** What it sends requests by; stays when control goes away. */
  table: Table;
  /** On its way: the gateway may use either. */
  next: Table | undefined;
  /** Generation of {@link table}; 0 if it came from an earlier control. */
  applied: number;
  cancel: () => void;
}

/**
 * Routes in memory, with gateways that take their time: each gets the newest table whenever it has put the one before in force, as with the real
 * feed, and keeps its table while control is away.
 */
export class FakeRoutes implements Routes {
  /** Knob: see {@link FakeRoutesOptions.acknowledgeMs}; for tables sent from now on. */
  acknowledgeMs: () => number;
  private readonly clock: Clock;
  private readonly gateways: readonly Gateway[];
  private readonly listeners = new Set<(generation: number) => void>();
  private readonly models = new Map<string, ModelRoute>();
  /** The table without any model is the first. */
  private generation = 1;
  private begun = false;
  private told = 0;

  constructor(options: FakeRoutesOptions) {
    this.clock = options.clock;
    this.acknowledgeMs = options.acknowledgeMs ?? (() => 0);
    this.gateways = Array.from({ length: options.gateways ?? 1 }, () => ({
      table: new Map(),
      next: undefined,
      applied: 0,
      cancel: () => {},
    }));
  }

  /** Every route by which some gateway may send requests to this Model now, also such as are on their way to it. */
  possible(namespace: string, name: string): ModelRoute[] {
    const tables = this.gateways.flatMap(({ table, next }) => (next === undefined ? [table] : [table, next]));
    return tables.map((table) => table.get(idOf(namespace, name))).filter((route) => route !== undefined);
  }

  /** Sends tables from now on: the routes are complete. */
  begin(): void {
    this.begun = true;
    this.changed();
  }

  /** Control is gone and another takes its place: it knows nothing, and the gateways keep what they have until it begins. */
  restart(): void {
    this.listeners.clear();
    this.models.clear();
    this.generation = 1;
    this.begun = false;
    this.told = 0;
    for (const gateway of this.gateways) {
      gateway.cancel();
      if (gateway.next !== undefined) gateway.table = gateway.next;
      gateway.next = undefined;
      gateway.applied = 0;
    }
  }

  publish(namespace: string, name: string, route: ModelRoute | undefined): number {
    const id = idOf(namespace, name);
    if (JSON.stringify(this.models.get(id)) === JSON.stringify(route)) return this.generation;
    if (route === undefined) this.models.delete(id);
    else this.models.set(id, route);
    this.generation += 1;
    this.changed();
    return this.generation;
  }

  acknowledged(): number {
    return this.begun ? Math.min(this.generation, ...this.gateways.map((gateway) => gateway.applied)) : 0;
  }

  onAcknowledged(listener: (generation: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private changed(): void {
    const acknowledged = this.acknowledged();
    if (acknowledged !== this.told) {
      this.told = acknowledged;
      for (const listener of [...this.listeners]) listener(acknowledged);
    }
    if (this.begun) for (const gateway of this.gateways) this.send(gateway);
  }

  private send(gateway: Gateway): void {
    if (gateway.next !== undefined || gateway.applied === this.generation) return;
    const { generation } = this;
    const models = new Map(this.models);
    gateway.next = models;
    gateway.cancel = this.clock.after(this.acknowledgeMs(), () => {
      gateway.table = models;
      gateway.next = undefined;
      gateway.applied = generation;
      this.changed();
    });
  }
}

function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
