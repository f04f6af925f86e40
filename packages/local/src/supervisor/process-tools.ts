import type { Clock, Log } from "@slipway/base";
import type { Limiter } from "../limits/limiter.ts";

/** What every process of one supervisor shares. */
export interface ProcessTools {
  readonly clock: Clock;
  readonly log: Log;
  readonly limiter: Limiter;
  /** What every child gets, allow-listed by who starts the supervisor. */
  readonly environment: Readonly<Record<string, string>>;
  /** Working directory of every child. */
  readonly directory: string;
  readonly supervisorSocket: string;
  /** How often a child says that it runs, milliseconds; one that misses ten in a row is killed. */
  readonly beatMs: number;
}
