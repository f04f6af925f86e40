/** Who waits for an answer. Asked again just before the model would run, so that nothing has to be told when a caller leaves. */
export interface Caller {
  /** True once nobody waits any more. */
  readonly cancelled: boolean;
  /** When the answer must be complete, on the clock's monotonic scale; undefined means no deadline. */
  readonly deadlineAt: number | undefined;
}
