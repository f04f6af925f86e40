import type { Clock } from "@slipway/base";
import type { RevisionRoute, RouteTable } from "@slipway/protocol";
import { type LinkOptions, ReplicaLink } from "./replica-link.ts";

/** Whether a link takes requests now. */
export function isOpen(link: ReplicaLink): boolean {
  return link.open !== undefined;
}

/** Links to all replicas of the table, one for each: kept over table changes, probed by one timer. */
export class Fleet {
  private readonly options: LinkOptions;
  private links = new Map<string, ReplicaLink>();
  /** Out of the table, but not yet out of requests: still probed, so that none of those waits for a replica that stands still. */
  private readonly retiring = new Set<ReplicaLink>();
  private byRevision = new Map<RevisionRoute, readonly ReplicaLink[]>();
  private cancelTick: () => void;

  /** `pingMs` is the period of the health probe. */
  constructor(options: LinkOptions & { readonly pingMs: number }) {
    this.options = options;
    this.cancelTick = () => {};
    this.tickEvery(options.clock, options.pingMs);
  }

  /** The links to the replicas of a revision of the table in force. */
  of(revision: RevisionRoute): readonly ReplicaLink[] {
    return this.byRevision.get(revision) ?? [];
  }

  /** Whether a replica of the revision takes requests now. */
  readonly canServe = (revision: RevisionRoute): boolean => this.of(revision).some(isOpen);

  all(): readonly ReplicaLink[] {
    return [...this.links.values()];
  }

  /** Connects to replicas that are new and lets go of those that are gone. */
  apply(table: RouteTable): void {
    const links = new Map<string, ReplicaLink>();
    const byRevision = new Map<RevisionRoute, readonly ReplicaLink[]>();
    for (const { namespace, name: model, revisions } of table.models) {
      for (const revision of revisions) {
        byRevision.set(
          revision,
          revision.replicas.map((replica) => {
            // An address in a network passes from pod to pod, and so from one Model to another.
            const key = `${namespace}/${model}/${replica.name} ${replica.address}`;
            const link = links.get(key) ?? this.links.get(key) ?? new ReplicaLink({ ...replica, namespace, model }, this.options);
            links.set(key, link);
            return link;
          }),
        );
      }
    }
    const before = this.links;
    this.links = links;
    this.byRevision = byRevision;
    for (const [key, link] of before) {
      if (links.has(key)) continue;
      link.retire();
      this.retiring.add(link);
    }
  }

  close(): void {
    this.cancelTick();
    for (const link of [...this.links.values(), ...this.retiring]) link.destroy();
  }

  private tickEvery(clock: Clock, ms: number): void {
    this.cancelTick = clock.after(ms, () => {
      for (const link of this.links.values()) link.tick();
      for (const link of this.retiring) {
        if (link.inflight > 0) link.tick();
        else this.retiring.delete(link);
      }
      this.tickEvery(clock, ms);
    });
  }
}
