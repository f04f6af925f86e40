export { backoff } from "./backoff/backoff.ts";
export type { Clock, Instant } from "./clock/clock.ts";
export { systemClock } from "./clock/system-clock.ts";
export { VirtualClock } from "./clock/virtual-clock.ts";
export { type ErrorCode, type ErrorCodeRow, errorCodes } from "./errors/error-codes.ts";
export { type ErrorDetails, type FieldProblem, SlipwayError } from "./errors/slipway-error.ts";
export { fromWireError, toWireError, type WireError } from "./errors/wire-error.ts";
export { type Actor, aborted, runGroup } from "./group/group.ts";
export { createLog, type Log, type LogFields, type LogLevel, silentLog } from "./log/log.ts";
