/** Who is told what happened to requests; called often, so it must be quick. */
export interface BatchObserver {
  /** A request was run: how long it had waited, and how long the run took that it was part of, milliseconds. */
  ran(queueMs: number, computeMs: number): void;
  /** So many runs of the model together had so many rows. */
  runs(count: number, rows: number): void;
}
