import { type Actor, aborted, SlipwayError } from "@slipway/base";
import type { Key, Kind, Resource } from "@slipway/spec";
import type { Change, Version } from "@slipway/store";
import { type Outcome, WorkQueue } from "../queue/work-queue.ts";
import { type ReconcileParts, reconcile } from "./reconcile.ts";
import { RevisionIndex } from "./revision-index.ts";
import { SettledWorlds } from "./settled-worlds.ts";

/** How often every Model is looked at again although nothing changed, milliseconds. A safety net: no write follows when nothing is wrong. */
const resyncMs = 60_000;

/** What a controller needs of the world. */
export type ControllerParts = Omit<ReconcileParts, "revisions" | "settled">;

/** Keeps every Model as its spec says, for as long as it runs. */
export class Controller implements Actor {
  readonly name = "controller";
  private readonly parts: ReconcileParts;
  private readonly onSynced: () => void;

  /** `onSynced` is called once every Model that was there at the start has its route: from then on the routes are complete. */
  constructor(parts: ControllerParts, onSynced: () => void = () => {}) {
    this.parts = { ...parts, revisions: new RevisionIndex(), settled: new SettledWorlds() };
    this.onSynced = onSynced;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, revisions, routes, store } = this.parts;
    const first = new FirstRound();
    const queue = new WorkQueue<Key>({
      clock,
      concurrency: 4,
      keyOf: idOf,
      work: async (key) => {
        const outcome = await reconcile(this.parts, key, signal);
        first.tried(key, outcome, routes.knows(key));
        return outcome;
      },
    });
    const stopListening = routes.onInForce((key) => queue.add(key));
    const addAll = async () => {
      const { items, version } = await store.list("Model");
      for (const model of items) queue.add(keyOf(model));
      return { items, version };
    };
    const listRevisions = async () => {
      const { items, version } = await store.list("Revision");
      revisions.replace(items, version);
      return version;
    };
    try {
      const revisionsFrom = await listRevisions();
      const models = await addAll();
      first.expect(models.items.map(keyOf));
      const work = [
        this.watch(
          "Model",
          models.version,
          (change) => queue.add(keyOf(change.resource)),
          async () => (await addAll()).version,
          signal,
        ),
        this.watch(
          "Revision",
          revisionsFrom,
          (change) => {
            if (change.type === "deleted") revisions.drop(change.resource);
            else revisions.put(change.resource);
            queue.add(modelOf(change.resource));
          },
          async () => {
            const version = await listRevisions();
            await addAll();
            return version;
          },
          signal,
        ),
        this.resync(addAll, signal),
        this.followBackend(first, queue, signal),
      ];
      await Promise.all(work);
    } finally {
      stopListening();
      await queue.stop();
    }
  }

  /** Follows a kind from a version on; when that history is gone, `relist` says from where to go on. */
  private async watch<K extends Kind>(
    kind: K,
    from: Version,
    onChange: (change: Exclude<Change<K>, { type: "bookmark" }>) => void,
    relist: () => Promise<Version>,
    signal: AbortSignal,
  ): Promise<void> {
    let version = from;
    while (!signal.aborted) {
      try {
        for await (const change of this.parts.store.watch(kind, { from: version }, signal)) {
          version = change.version;
          if (change.type !== "bookmark") onChange(change);
        }
      } catch (caught) {
        if (signal.aborted) return;
        if (SlipwayError.from(caught).code !== "expired") throw caught;
        version = await relist();
      }
    }
  }

  /** Replicas whose Model is gone are found here, after the first round: only then does a missing route mean anything. */
  private async followBackend(first: FirstRound, queue: WorkQueue<Key>, signal: AbortSignal): Promise<void> {
    await Promise.race([first.done, aborted(signal)]);
    if (signal.aborted) return;
    this.onSynced();
    await untilAborted(async () => {
      for await (const key of this.parts.backend.changes(signal)) queue.add(key);
      if (!signal.aborted) throw new SlipwayError("internal", "The backend stopped telling of changes.");
    }, signal);
  }

  private async resync(addAll: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    await untilAborted(async () => {
      while (!signal.aborted) {
        await this.parts.clock.sleep(resyncMs, signal);
        await addAll();
      }
    }, signal);
  }
}

/** The Models that were there at the start and have no route yet. */
class FirstRound {
  readonly done: Promise<void>;
  private readonly missing = new Set<string>();
  private finish: () => void = () => {};

  constructor() {
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  expect(keys: readonly Key[]): void {
    for (const key of keys) this.missing.add(idOf(key));
    if (this.missing.size === 0) this.finish();
  }

  /** A failure after its route was published does not hold the others up. */
  tried(key: Key, outcome: Outcome, hasRoute: boolean): void {
    if (!hasRoute && outcome.type !== "done") return;
    if (this.missing.delete(idOf(key)) && this.missing.size === 0) this.finish();
  }
}

function keyOf(resource: Resource): Key {
  return { namespace: resource.metadata.namespace!, name: resource.metadata.name };
}

function modelOf(revision: Resource<"Revision">): Key {
  return { namespace: revision.metadata.namespace!, name: revision.spec.model };
}

function idOf(key: Key): string {
  return `${key.namespace}/${key.name}`;
}

async function untilAborted(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work();
  } catch (caught) {
    if (!signal.aborted) throw caught;
  }
}
