/** `spec` of a Lease, as far as an election needs it. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** How long a lease is good for, how long its holder tries to renew it before it stops acting, and how often all look. */
export const leaseTimes = { durationMs: 15_000, deadlineMs: 10_000, retryMs: 2_000 } as const;

/** What one candidate knows. */
export interface LeaseView {
  readonly self: string;
  /** Absent when there is no Lease yet. */
  readonly lease: LeaseSpec | undefined;
  /** When this candidate first saw the lease as it is now, by its own monotonic clock: the clocks of two machines are never compared. */
  readonly seenAt: number;
}

/** Whether to write: `renew` what is ours, `take` what is free, or `wait` because another holds it. */
export type LeaseDecision = "renew" | "take" | "wait";

/** Decides what a candidate does now. Pure; `now` is of the same clock as `seenAt`. */
export function decideLease({ self, lease, seenAt }: LeaseView, now: number): LeaseDecision {
  const holder = lease?.holderIdentity ?? "";
  if (holder === self) return "renew";
  if (holder === "") return "take";
  // Its own words: another version of the platform may hold it for longer.
  const lasts = (lease?.leaseDurationSeconds ?? leaseTimes.durationMs / 1_000) * 1_000;
  return now - seenAt > lasts ? "take" : "wait";
}
