import { createHash } from "node:crypto";
import { type Clock, type ErrorCode, SlipwayError } from "@slipway/base";
import type { Event, Key, Model } from "@slipway/spec";
import type { Store } from "@slipway/store";
import { controlManager } from "../managers.ts";
import type { PlannedEvent } from "../plan/plan-events.ts";

/** Events remembered as they are stored, so that telling one, for the first time or again, is one write. */
const mostRemembered = 1_024;

/** The stored Event is not as it is remembered: a control before this one wrote it, or it has expired. */
const outdated: readonly ErrorCode[] = ["alreadyExists", "conflict", "notFound"];

/** Writes Kubernetes Events about a Model; the same event again raises its count. */
export class EventRecorder {
  private readonly store: Store;
  private readonly clock: Clock;
  /** By name; the one written longest ago first. */
  private readonly remembered = new Map<string, Event>();

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  async record(model: Model, events: readonly PlannedEvent[]): Promise<void> {
    for (const event of events) await this.recordOne(model, event);
  }

  private async recordOne(model: Model, event: PlannedEvent): Promise<void> {
    const key = keyOf(model, event);
    try {
      await this.write(model, event, this.remembered.get(idOf(key)));
    } catch (caught) {
      if (!outdated.includes(SlipwayError.from(caught).code)) throw caught;
      await this.write(model, event, await this.store.get("Event", key));
    }
  }

  private async write(model: Model, event: PlannedEvent, before: Event | undefined): Promise<void> {
    const { name, namespace, uid } = model.metadata;
    const key = keyOf(model, event);
    const time = new Date(this.clock.now()).toISOString();
    const next: Event =
      before === undefined
        ? {
            apiVersion: "v1",
            kind: "Event",
            metadata: key,
            involvedObject: { apiVersion: model.apiVersion, kind: "Model", name, namespace: namespace!, uid: uid! },
            ...event,
            source: { component: controlManager },
            reportingComponent: controlManager,
            firstTimestamp: time,
            lastTimestamp: time,
            count: 1,
          }
        : { ...before, lastTimestamp: time, count: (before.count ?? 1) + 1 };
    const expect = before?.metadata.resourceVersion ?? "absent";
    this.remember(idOf(key), await this.store.write(next, { expect, manager: controlManager }));
  }

  private remember(id: string, event: Event): void {
    this.remembered.delete(id);
    this.remembered.set(id, event);
    if (this.remembered.size > mostRemembered)
      for (const oldest of this.remembered.keys()) return void this.remembered.delete(oldest);
  }
}

/** The same event about the same object has the same name. */
function keyOf({ metadata: { name, namespace, uid } }: Model, event: PlannedEvent): Required<Key> {
  const identity = createHash("sha256")
    .update(JSON.stringify([uid, event]))
    .digest("hex")
    .slice(0, 16);
  return { namespace: namespace!, name: `${name}.${identity}` };
}

function idOf({ namespace, name }: Required<Key>): string {
  return `${namespace}/${name}`;
}
