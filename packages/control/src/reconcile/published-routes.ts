import type { ModelRoute } from "@slipway/protocol";
import type { Key } from "@slipway/spec";
import type { PlanInput } from "../plan/plan-input.ts";
import type { Routes } from "../routes.ts";

interface Published {
  readonly key: Key;
  readonly route: ModelRoute | undefined;
  readonly generation: number;
}

/** Remembers what this control published for each Model, and in which generation, so that a plan knows whether gateways have caught up. */
export class PublishedRoutes {
  private readonly published = new Map<string, Published>();
  /** Those not yet in force everywhere: what an acknowledgement has to look through. */
  private readonly waiting = new Map<string, Published>();
  private readonly routes: Routes;
  private readonly listeners = new Set<(key: Key) => void>();

  constructor(routes: Routes) {
    this.routes = routes;
    routes.onAcknowledged((acknowledged) => {
      for (const entry of [...this.waiting.values()]) this.settle(entry, acknowledged);
    });
  }

  /** What a plan wants to know about routing. */
  routing(key: Key): PlanInput["routing"] {
    const entry = this.published.get(idOf(key));
    const generation = entry?.generation ?? Number.POSITIVE_INFINITY;
    return { published: entry?.route, generation, acknowledged: this.routes.acknowledged() };
  }

  /** Whether this control has said anything about the key, if only that there is no route. */
  knows(key: Key): boolean {
    return this.published.has(idOf(key));
  }

  /** Publishes if it differs from what is published, or nothing was yet. */
  publish(key: Key, route: ModelRoute | undefined): void {
    const id = idOf(key);
    const known = this.published.get(id);
    if (known !== undefined && known.route === route) return;
    const entry = { key, route, generation: this.routes.publish(key.namespace!, key.name, route) };
    this.published.set(id, entry);
    this.waiting.set(id, entry);
    this.settle(entry, this.routes.acknowledged());
  }

  /** Takes back the route of a Model that is gone, and forgets that there was one. */
  forget(key: Key): void {
    const id = idOf(key);
    if (this.published.get(id)?.route !== undefined) this.routes.publish(key.namespace!, key.name, undefined);
    this.published.delete(id);
    this.waiting.delete(id);
  }

  /** Calls back with every Model whose newest route has come into force at all gateways; returns how to stop. */
  onInForce(listener: (key: Key) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private settle(entry: Published, acknowledged: number): void {
    if (entry.generation > acknowledged || !this.waiting.delete(idOf(entry.key))) return;
    for (const listener of this.listeners) listener(entry.key);
  }
}

function idOf(key: Key): string {
  return `${key.namespace}/${key.name}`;
}
