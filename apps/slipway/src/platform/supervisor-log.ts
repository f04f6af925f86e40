import { type Clock, createLog, type Log, type LogLevel } from "@slipway/base";

/** A log of the supervisor itself. */
export function supervisorLog(clock: Clock, write: (line: string) => void, level: LogLevel = "info"): Log {
  return createLog({ write, clock, level, fields: { component: "supervisor" } });
}
