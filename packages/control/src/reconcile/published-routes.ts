import type { ModelRoute } from "@slipway/protocol";
import type { Key } from "@slipway/spec";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Routes } from "../routes.ts";

interface Published {
  readonly key: Key;
  readonly route: ModelRoute | undefined;
  readonly generation: number;
  inForce: boolean;
}

/** Remembers what was published for each Model, and in which generation, so that a plan knows whether gateways have caught up. */
export class PublishedRoutes {
  private readonly published = new Map<string, Published>();
  private readonly routes: Routes;
  private readonly listeners = new Set<(key: Key) => void>();

  constructor(routes: Routes) {
    this.routes = routes;
    routes.onAcknowledged(() => this.notify());
  }

  /** What a plan wants to know about routing. */
  routing(key: Key): PlanInput["routing"] {
    const entry = this.published.get(idOf(key));
    return { published: entry?.route, generation: entry?.generation ?? 0, acknowledged: this.routes.acknowledged() };
  }

  /** Publishes if it differs from what is published. */
  publish(key: Key, route: ModelRoute | undefined): void {
    if (this.published.get(idOf(key))?.route === route) return;
    const generation = this.routes.publish(key.namespace!, key.name, route);
    this.published.set(idOf(key), { key, route, generation, inForce: false });
    this.notify();
  }

  /** Calls back with every Model whose newest route has come into force at all gateways; returns how to stop. */
  onInForce(listener: (key: Key) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private notify(): void {
    const acknowledged = this.routes.acknowledged();
    for (const [id, entry] of this.published) {
      if (entry.inForce || entry.generation > acknowledged) continue;
      entry.inForce = true;
      if (entry.route === undefined) this.published.delete(id);
      for (const listener of this.listeners) listener(entry.key);
    }
  }
}

function idOf(key: Key): string {
  return `${key.namespace}/${key.name}`;
}
