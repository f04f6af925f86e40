import { type Clock, type Place, SlipwayError } from "@slipway/base";
import type { LeaveWatcher } from "@slipway/http";
import {
  type FrameCall,
  type FrameClient,
  type FrameError,
  type FrameHeaders,
  type RevisionRoute,
  versionsHeader,
} from "@slipway/protocol";
import type { GatewayCounters } from "../gateway-stats.ts";
import { type Fleet, isOpen } from "../replicas/fleet.ts";
import { leastInflight } from "../replicas/least-inflight.ts";
import type { LinkedRequest, ReplicaLink } from "../replicas/replica-link.ts";
import { modelKey, type RouteTarget, type RouteView, route } from "../route/route-view.ts";
import { Answer, type AnswerEvents, lostReplica } from "./answer.ts";
import type { Deadlines, DeadlineWaiter, Watch } from "./deadlines.ts";
import type { EndOfTurn } from "./end-of-turn.ts";
import type { ModelCall } from "./forward-call.ts";
import type { HoldQueue, Waiter } from "./hold-queue.ts";
import type { RequestBody } from "./request-body.ts";
import { type Attempts, retryDecision } from "./retry.ts";

/** Names of versions up to here fit the head of a request, whatever else it has. */
const versionsBytes = 4 * 1024;

/** What all forwarded requests share. */
export interface ForwardContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly fleet: Fleet;
  readonly held: HoldQueue;
  readonly deadlines: Deadlines;
  readonly turn: EndOfTurn;
  readonly holdMs: number;
  readonly counters: GatewayCounters;
  /** The routes in force now; undefined while nobody can know of the target, so that requests for it wait. */
  readonly view: (target: RouteTarget) => RouteView | undefined;
}

/** One request as it goes to replicas. */
export interface Forwarded {
  readonly call: Pick<ModelCall, "client" | "target" | "headers" | "method" | "path">;
  readonly body: RequestBody;
  /** When the whole answer must be there, on the monotonic clock. */
  readonly deadlineAt: number;
  /** Whether it may wait for a replica. */
  readonly mayWait: boolean;
}

/** Forwards a request until one answer went to the client; `done` is told once, with what the client should be told instead if there was none. */
export function forwardRequest(
  context: ForwardContext,
  forwarded: Forwarded,
  done: (error: SlipwayError | undefined) => void,
): void {
  new Forwarding(context, forwarded, done).start();
}

class Forwarding implements LinkedRequest, Waiter, LeaveWatcher, DeadlineWaiter, AnswerEvents {
  private readonly context: ForwardContext;
  private readonly forwarded: Forwarded;
  private readonly done: (error: SlipwayError | undefined) => void;
  private readonly waitUntil: number;
  /** The connection it was sent over last, and those before. */
  private triedLast: FrameClient | undefined = undefined;
  private triedBefore: Set<FrameClient> | undefined = undefined;
  private deadline: Watch | undefined = undefined;
  private settled = false;
  private waiting = false;
  /** Whether it was counted as held: it may wait several times. */
  private counted = false;
  private retries = 0;
  private refusals = 0;
  private link: ReplicaLink | undefined = undefined;
  private place: Place<LinkedRequest> | undefined = undefined;
  private call: FrameCall | undefined = undefined;
  private answer: Answer | undefined = undefined;

  constructor(context: ForwardContext, forwarded: Forwarded, done: (error: SlipwayError | undefined) => void) {
    this.context = context;
    this.forwarded = forwarded;
    this.done = done;
    this.waitUntil = Math.min(forwarded.deadlineAt, context.clock.monotonic() + context.holdMs);
  }

  get bytes(): number {
    return this.forwarded.body.keptBytes;
  }

  start(): void {
    const { client } = this.forwarded.call;
    if (client.left) {
      this.clientLeft();
      return;
    }
    client.watchLeaving(this);
    this.deadline = this.context.deadlines.watch(this.forwarded.deadlineAt, this);
    this.attempt();
  }

  clientLeft(): void {
    this.context.counters.cancelled += 1;
    this.settle(new SlipwayError("cancelled", "The client closed the connection."));
  }

  released(): void {
    this.waiting = false;
    this.attempt();
  }

  expired(): void {
    this.waiting = false;
    if (this.waitUntil === this.forwarded.deadlineAt) this.timeOut();
    else this.settle(this.notReady());
  }

  leave(): void {
    const fate = { accepted: true, answered: false };
    if (retryDecision(fate, this.attempts()) !== "retry" || !this.canLeave()) return;
    this.retries += 1;
    this.context.counters.retried += 1;
    this.withdraw();
    this.attempt();
  }

  private attempt(): void {
    try {
      const choice = this.elsewhere();
      if (choice === undefined) this.wait();
      else this.send(choice);
    } catch (error) {
      this.settle(SlipwayError.from(error));
    }
  }

  /** A replica that this request may go to now. Throws `notFound`. */
  private elsewhere(): { link: ReplicaLink; client: FrameClient; revision: RevisionRoute } | undefined {
    const { context } = this;
    const { fleet, random } = context;
    const { target } = this.forwarded.call;
    const view = context.view(target);
    if (view === undefined) return undefined;
    const usable = this.triedLast === undefined ? isOpen : (link: ReplicaLink) => isOpen(link) && !this.tried(link.open);
    const canServe = usable === isOpen ? fleet.canServe : (candidate: RevisionRoute) => fleet.of(candidate).some(usable);
    const revision = route(view, target, random(), canServe);
    if (revision === undefined) return undefined;
    const link = leastInflight(fleet.of(revision), random, usable);
    const client = link?.open;
    return link === undefined || client === undefined ? undefined : { link, client, revision };
  }

  private tried(client: FrameClient | undefined): boolean {
    return client !== undefined && (client === this.triedLast || this.triedBefore?.has(client) === true);
  }

  private send({ link, client, revision }: { link: ReplicaLink; client: FrameClient; revision: RevisionRoute }): void {
    const { call: asked, body, deadlineAt } = this.forwarded;
    const { client: caller, target, method, path } = asked;
    const answer = new Answer(caller, this, this.context.turn);
    const head = {
      namespace: target.namespace,
      model: target.model,
      revision: revision.name,
      method,
      path,
      deadline: Math.max(1, deadlineAt - this.context.clock.monotonic()),
      headers: this.headers(),
    };
    if (this.triedLast !== undefined) this.triedBefore = (this.triedBefore ?? new Set()).add(this.triedLast);
    this.triedLast = client;
    this.link = link;
    this.answer = answer;
    const call = client.request(head, body.take(), answer);
    this.place = link.carries(this);
    answer.follow(call);
    this.call = call;
  }

  ended(): void {
    this.withdrawn();
  }

  answered(): void {
    this.context.counters.answered += 1;
    this.answer = undefined;
    this.settle(undefined);
  }

  broken(): void {
    this.breakOff();
  }

  /** Metadata names every version of the model, of which the replica knows its own only. */
  private headers(): FrameHeaders {
    const { target, path, headers } = this.forwarded.call;
    if (path !== "") return headers;
    const model = this.context.view(target)?.get(modelKey(target.namespace, target.model));
    if (model === undefined) return headers;
    let versions = "";
    for (const { name } of model.revisions) {
      if (versions.length + name.length > versionsBytes) break;
      versions += versions === "" ? name : `,${name}`;
    }
    return { ...headers, [versionsHeader]: versions };
  }

  failed(error: FrameError): void {
    this.withdrawn();
    if (this.settled) return;
    if (this.forwarded.call.client.left) {
      this.clientLeft();
      return;
    }
    if (this.answer?.begun) {
      this.breakOff();
      return;
    }
    this.answer?.drop();
    const { counters } = this.context;
    const decision = retryDecision(error, this.attempts());
    if (decision === "fail") {
      this.settle(error.answered || error.code !== "unavailable" ? error : lostReplica(error));
      return;
    }
    if (decision === "retry") {
      this.retries += 1;
      counters.retried += 1;
    } else {
      this.refusals += 1;
      counters.redirected += 1;
    }
    this.attempt();
  }

  private attempts(): Attempts {
    const { retries, refusals } = this;
    return { retries, refusals, answering: this.answer?.begun === true, bodyKept: this.forwarded.body.available };
  }

  /** Whether another replica could take over now; a model that is gone meanwhile leaves the request where it is. */
  private canLeave(): boolean {
    try {
      return this.elsewhere() !== undefined;
    } catch {
      return false;
    }
  }

  private wait(): void {
    const { context, forwarded } = this;
    if (!forwarded.mayWait) {
      this.settle(this.notReady());
      return;
    }
    try {
      context.held.hold(this.modelKey, this, this.waitUntil);
    } catch (error) {
      context.counters.overflowed += 1;
      throw error;
    }
    this.waiting = true;
    if (!this.counted) context.counters.held += 1;
    this.counted = true;
  }

  private get modelKey(): string {
    const { namespace, model } = this.forwarded.call.target;
    return modelKey(namespace, model);
  }

  private notReady(): SlipwayError {
    return new SlipwayError("unavailable", `No replica of model ${JSON.stringify(this.forwarded.call.target.model)} is ready.`, {
      retryAfter: 1,
    });
  }

  timeOut(): void {
    this.context.counters.timedOut += 1;
    if (this.answer?.begun) this.breakOff();
    else
      this.settle(
        new SlipwayError("timeout", "The request was not answered before its deadline.", {
          hint: "Allow more with the header Request-Timeout (seconds).",
        }),
      );
  }

  /** The client has a part of an answer, and there will be no more of it. */
  private breakOff(): void {
    this.context.counters.brokenOff += 1;
    this.settle(undefined);
  }

  /** Takes the request back from its replica; what that still answers is dropped. */
  private withdraw(): void {
    this.call?.cancel();
    this.withdrawn();
    this.answer?.drop();
  }

  private withdrawn(): void {
    this.call = undefined;
    const { link, place } = this;
    this.link = undefined;
    this.place = undefined;
    if (link !== undefined && place !== undefined) link.done(place);
  }

  private settle(error: SlipwayError | undefined): void {
    if (this.settled) return;
    this.settled = true;
    this.deadline?.forget();
    this.forwarded.call.client.watchLeaving(undefined);
    if (this.waiting) this.context.held.leave(this.modelKey, this);
    this.withdraw();
    this.done(error);
  }
}
