/** Milliseconds since the Unix epoch. */
export type Instant = number;

/** The only door to time. Decisions take an {@link Instant}; effects take a Clock. */
export interface Clock {
  /** Wall-clock time, for timestamps that people read. May jump. */
  now(): Instant;
  /** Milliseconds that never go backwards, for durations and deadlines. */
  monotonic(): number;
  /** Calls `callback` once after `ms`; returns how to cancel it. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
