import type { Clock, Instant, Log } from "@slipway/base";
import type { RouteTable } from "@slipway/protocol";
import { combineEndpoints } from "../endpoints/combine-endpoints.ts";
import type { Endpoints } from "../endpoints/endpoints.ts";
import type { FeedConnector } from "../feed/feed-connector.ts";
import { RouteSubscriber } from "../feed/route-subscriber.ts";
import type { Fleet } from "../replicas/fleet.ts";
import { isKnown, type RouteTarget, type RouteView, routeView } from "./route-view.ts";

/** What {@link FollowedRoutes} needs. */
export interface FollowedRoutesOptions {
  /** The way to control. */
  readonly connect: FeedConnector;
  readonly endpoints: Endpoints | undefined;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when other routes are in force. */
  readonly onChange: () => void;
}

/** The routes in force: control's newest table, combined with what a cluster says of replicas, and the fleet kept to them. */
export class FollowedRoutes {
  private readonly options: FollowedRoutesOptions;
  private readonly subscriber: RouteSubscriber;
  private readonly unfollow: () => void;
  private table: RouteTable | undefined;
  private used: RouteView | undefined;
  private due = false;
  private closed = false;

  constructor(options: FollowedRoutesOptions) {
    this.options = options;
    this.subscriber = new RouteSubscriber({
      ...options,
      apply: (table) => {
        this.table = table;
        this.use(false);
      },
      onAway: () => this.use(true),
    });
    this.unfollow = options.endpoints?.onChange(() => this.useSoon()) ?? (() => {});
  }

  /** Undefined before the first table. */
  get view(): RouteView | undefined {
    return this.used;
  }

  /** The view, or undefined while nobody can know of a target: before the first table, and while control is away if the last one does not have it. */
  viewFor(target: RouteTarget): RouteView | undefined {
    const { used, staleSince } = this;
    return used === undefined || (staleSince !== undefined && !isKnown(used, target)) ? undefined : used;
  }

  /** Of the table in force. */
  get generation(): number | undefined {
    return this.table?.generation;
  }

  /** Since when control has been away; undefined while it is followed. */
  get staleSince(): Instant | undefined {
    return this.subscriber.staleSince;
  }

  close(): void {
    this.closed = true;
    this.unfollow();
    this.subscriber.close();
  }

  /** A burst of changes is looked at once. */
  private useSoon(): void {
    if (this.due) return;
    this.due = true;
    setImmediate(() => {
      this.due = false;
      this.use(this.staleSince !== undefined);
    });
  }

  private use(controlAway: boolean): void {
    const { table, closed } = this;
    const { endpoints, fleet, onChange } = this.options;
    if (table === undefined || closed) return;
    const used = endpoints === undefined ? table : combineEndpoints(table, endpoints.current, controlAway);
    fleet.apply(used);
    this.used = routeView(used);
    onChange();
  }
}
