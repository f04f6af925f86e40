import { createHash } from "node:crypto";
import type { Clock } from "@slipway/base";
import type { Event, Model } from "@slipway/spec";
import type { Store } from "@slipway/store";
import { controlManager } from "../managers.ts";
import type { PlannedEvent } from "../plan/plan-events.ts";

/** Writes Kubernetes Events about a Model; the same event again raises its count. */
export class EventRecorder {
  private readonly store: Store;
  private readonly clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  async record(model: Model, events: readonly PlannedEvent[]): Promise<void> {
    for (const event of events) await this.recordOne(model, event);
  }

  private async recordOne(model: Model, event: PlannedEvent): Promise<void> {
    const { name, namespace, uid } = model.metadata;
    const identity = createHash("sha256")
      .update(JSON.stringify([uid, event]))
      .digest("hex")
      .slice(0, 16);
    const key = { namespace: namespace!, name: `${name}.${identity}` };
    const time = new Date(this.clock.now()).toISOString();
    const found = await this.store.get("Event", key);
    const next: Event =
      found === undefined
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
        : { ...found, lastTimestamp: time, count: (found.count ?? 1) + 1 };
    await this.store.write(next, { expect: found?.metadata.resourceVersion ?? "absent", manager: controlManager });
  }
}
