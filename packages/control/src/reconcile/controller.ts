import { type Actor, SlipwayError } from "@slipway/base";
import type { Key, Kind, Resource } from "@slipway/spec";
import { WorkQueue } from "../queue/work-queue.ts";
import { reconcile, type ReconcileParts } from "./reconcile.ts";

/** How often every Model is looked at again although nothing changed, milliseconds. A safety net: no write follows when nothing is wrong. */
const resyncMs = 60_000;

/** Keeps every Model as its spec says, for as long as it runs. */
export class Controller implements Actor {
  readonly name = "controller";
  private readonly parts: ReconcileParts;
  private readonly onSynced: () => void;

  /** `onSynced` is called once every Model has been reconciled a first time: from then on the routes are complete. */
  constructor(parts: ReconcileParts, onSynced: () => void = () => {}) {
    this.parts = parts;
    this.onSynced = onSynced;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { backend, clock, routes } = this.parts;
    const queue = new WorkQueue<Key>({
      clock,
      concurrency: 4,
      keyOf: (key) => `${key.namespace}/${key.name}`,
      work: (key) => reconcile(this.parts, key, signal),
    });
    const stopListening = routes.onInForce((key) => queue.add(key));
    const follow = async () => {
      for await (const key of backend.changes(signal)) queue.add(key);
    };
    const enqueueAll = async () => {
      for (const model of (await this.parts.store.list("Model")).items) queue.add(keyOf(model));
    };
    try {
      await enqueueAll();
      await queue.idle();
      this.onSynced();
      const watches = [
        this.watch("Model", signal, (model) => queue.add(keyOf(model)), enqueueAll),
        this.watch("Revision", signal, (revision) => queue.add(ownerOf(revision)), enqueueAll),
      ];
      await Promise.all([...watches, untilAborted(follow(), signal), this.resync(signal, enqueueAll)]);
    } finally {
      stopListening();
      await queue.stop();
    }
  }

  private async watch<K extends Kind>(
    kind: K,
    signal: AbortSignal,
    enqueue: (resource: Resource<K>) => void,
    enqueueAll: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      const { items, version } = await this.parts.store.list(kind);
      for (const item of items) enqueue(item);
      try {
        for await (const change of this.parts.store.watch(kind, { from: version }, signal)) {
          if (change.type !== "bookmark") enqueue(change.resource as Resource<K>);
        }
      } catch (caught) {
        if (signal.aborted) return;
        if (SlipwayError.from(caught).code !== "expired") throw caught;
        await enqueueAll();
      }
    }
  }

  private async resync(signal: AbortSignal, enqueueAll: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await untilAborted(this.parts.clock.sleep(resyncMs, signal), signal);
      if (!signal.aborted) await enqueueAll();
    }
  }
}

function keyOf(resource: Resource): Key {
  return { namespace: resource.metadata.namespace!, name: resource.metadata.name };
}

function ownerOf(revision: Resource<"Revision">): Key {
  return { namespace: revision.metadata.namespace!, name: revision.spec.model };
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work;
  } catch (caught) {
    if (!signal.aborted) throw caught;
  }
}
