import { SlipwayError } from "@slipway/base";

/** Who waits for an answer. Asked again just before the model would run, so that nothing has to be told when a caller leaves. */
export interface Caller {
  /** True once nobody waits any more. */
  readonly cancelled: boolean;
  /** When the answer must be complete, on the clock's monotonic scale; undefined means no deadline. */
  readonly deadlineAt: number | undefined;
}

/** Why a caller's request need not run: `timeout` or `cancelled`; undefined while somebody waits for it. */
export function reasonToSkip({ cancelled, deadlineAt }: Caller, now: number): SlipwayError | undefined {
  if (deadlineAt !== undefined && now >= deadlineAt)
    return new SlipwayError("timeout", "The deadline passed while the request waited for the model.");
  if (cancelled) return new SlipwayError("cancelled", "The caller left while the request waited for the model.");
  return undefined;
}
