import { type Clock, type Log, SlipwayError } from "@slipway/base";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { decideLease, type LeaseSpec, leaseTimes } from "./decide-lease.ts";

/** What an election needs. */
export interface LeaderElectionOptions {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Who this candidate is; no two may be called the same. */
  readonly self: string;
}

interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

const kind = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" } as const;

/** One of several processes leads, by a Lease (https://kubernetes.io/docs/concepts/architecture/leases/). */
export class LeaderElection {
  private readonly options: LeaderElectionOptions;
  private lease: Lease | undefined;
  private seenAt = 0;
  private unreachable = false;

  constructor(options: LeaderElectionOptions) {
    this.options = options;
  }

  /**
   * Waits until this candidate leads, and then runs `lead` once, for as long as it leads; the signal it gets aborts when the lease could not
   * be renewed in time, always before another can take it. Gives the lease back when `signal` aborts or `lead` ends, so that another follows
   * at once. Ends when leading ended; throws what `lead` throws.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, log, self } = this.options;
    while (!signal.aborted && !(await this.attempt(signal))) await clock.sleep(leaseTimes.retryMs, signal).catch(() => {});
    if (signal.aborted) return this.release();
    log.info("leading", { self });
    const leading = new AbortController();
    const stopRenewing = new AbortController();
    const lost = this.renew(leading, stopRenewing.signal);
    try {
      await lead(AbortSignal.any([signal, leading.signal]));
    } finally {
      stopRenewing.abort();
      await lost;
      if (!leading.signal.aborted) await this.release();
    }
  }

  /** Renews until told to stop; aborts `leading` when no renewal has come through for too long. */
  private async renew(leading: AbortController, stop: AbortSignal): Promise<void> {
    const { clock, log, self } = this.options;
    const give = () => {
      log.error("the lease could not be renewed in time; this process stops leading", { self });
      leading.abort(new SlipwayError("unavailable", "The lease was lost."));
    };
    // A timer of its own: after this process was suspended it is due before anything else acts.
    let cancel = clock.after(leaseTimes.deadlineMs, give);
    while (!stop.aborted && !leading.signal.aborted) {
      await clock.sleep(leaseTimes.retryMs, stop).catch(() => {});
      if (stop.aborted || leading.signal.aborted) break;
      const asked = clock.monotonic();
      const renewed = await this.attempt(AbortSignal.any([stop, leading.signal]));
      if (renewed) {
        cancel();
        // From when it was asked for: the server may have counted from then on.
        cancel = clock.after(Math.max(0, asked + leaseTimes.deadlineMs - clock.monotonic()), give);
      } else if (this.holder !== self && !this.unreachable) give();
    }
    cancel();
  }

  private get holder(): string {
    return this.lease?.spec?.holderIdentity ?? "";
  }

  /** Looks at the lease, and renews or takes it; returns whether it is ours now. */
  private async attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, log, self } = this.options;
    const late = new AbortController();
    const cancel = clock.after(leaseTimes.deadlineMs / 2, () => late.abort());
    const attempt = AbortSignal.any([signal, late.signal]);
    try {
      // What is ours is written without a look: nobody else writes it but by taking it, which the version tells.
      if (this.holder !== self) this.see(await this.read(attempt));
      const view = { self, lease: this.lease?.spec, seenAt: this.seenAt };
      const decision = decideLease(view, clock.monotonic());
      const mine = decision !== "wait" && this.see(await this.write(this.held(decision === "take"), attempt));
      this.answered();
      return mine;
    } catch (caught) {
      if (signal.aborted) return false;
      const { code, message } = SlipwayError.from(caught);
      if (code === "conflict" || code === "alreadyExists") {
        // Another was first, or an administrator wrote: what is known is stale.
        this.lease = undefined;
        return this.attempt(signal);
      }
      if (!this.unreachable) log.warn("the lease cannot be read or written; it is tried again", { code, reason: message });
      this.unreachable = true;
      return false;
    } finally {
      cancel();
    }
  }

  private answered(): void {
    if (this.unreachable) this.options.log.info("the lease can be read and written again");
    this.unreachable = false;
  }

  /** Takes in a lease as it is; returns whether it is ours. */
  private see(lease: Lease | undefined): boolean {
    if (lease?.metadata.resourceVersion !== this.lease?.metadata.resourceVersion || this.lease === undefined)
      this.seenAt = this.options.clock.monotonic();
    this.lease = lease;
    return this.holder === this.options.self;
  }

  private held(taken: boolean): LeaseSpec {
    const time = microTime(this.options.clock.now());
    const before = this.lease?.spec;
    return {
      holderIdentity: this.options.self,
      leaseDurationSeconds: leaseTimes.durationMs / 1_000,
      acquireTime: taken ? time : (before?.acquireTime ?? time),
      renewTime: time,
      leaseTransitions: (before?.leaseTransitions ?? -1) + (taken ? 1 : 0),
    };
  }

  /** Lets another have it at once. */
  private async release(): Promise<void> {
    const { clock, log, self } = this.options;
    if (this.holder !== self) return;
    const free: LeaseSpec = {
      ...this.lease?.spec,
      holderIdentity: "",
      leaseDurationSeconds: 1,
      renewTime: microTime(clock.now()),
    };
    const late = new AbortController();
    const cancel = clock.after(leaseTimes.retryMs, () => late.abort());
    try {
      this.see(await this.write(free, late.signal));
      log.info("gave the lease back", { self });
    } catch (error) {
      log.warn("the lease could not be given back; another may lead once it is over", { self, error });
    } finally {
      cancel();
    }
  }

  private async read(signal: AbortSignal): Promise<Lease | undefined> {
    const { rest, namespace, name } = this.options;
    try {
      return (await rest.request("GET", objectPath(kind, { namespace, name }), { signal })) as Lease;
    } catch (caught) {
      if (SlipwayError.from(caught).code === "notFound") return undefined;
      throw caught;
    }
  }

  private async write(spec: LeaseSpec, signal: AbortSignal): Promise<Lease> {
    const { rest, namespace, name } = this.options;
    const { resourceVersion } = this.lease?.metadata ?? {};
    const body = { ...kind, metadata: { name, namespace, ...(resourceVersion && { resourceVersion }) }, spec };
    const where = resourceVersion === undefined ? { namespace } : { namespace, name };
    return (await rest.request(resourceVersion === undefined ? "POST" : "PUT", objectPath(kind, where), {
      body,
      signal,
    })) as Lease;
  }
}

/** A `metav1.MicroTime`. */
function microTime(now: number): string {
  return new Date(now).toISOString().replace("Z", "000Z");
}
