import type { Clock } from "../clock/clock.ts";
import { SlipwayError } from "../errors/slipway-error.ts";
import { toWireError } from "../errors/wire-error.ts";

/** Severity, least to most. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured fields of a log line. An `Error` is written with its stack, unless it is explained: a `SlipwayError` that is not `internal`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A structured logger; one JSON object per line. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with more fields on every line. */
  with(fields: LogFields): Log;
}

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { cause } = value;
  if (value instanceof SlipwayError && value.code !== "internal")
    return { ...toWireError(value), ...(cause instanceof Error ? { cause: cause.message } : {}) };
  return { message: value.message, stack: value.stack, ...(cause === undefined ? {} : { cause: plain(cause) }) };
}

/** A log that hands each finished line, newline included, to `write`. */
export function createLog(options: { write: (line: string) => void; clock: Clock; level?: LogLevel; fields?: LogFields }): Log {
  const threshold = severity[options.level ?? "info"];
  const base = options.fields ?? {};
  const line = (level: LogLevel, message: string, fields: LogFields = {}) => {
    if (severity[level] < threshold) return;
    const entry: Record<string, unknown> = { time: new Date(options.clock.now()).toISOString(), level, message, ...base };
    for (const [key, value] of Object.entries(fields)) entry[key] = plain(value);
    options.write(`${JSON.stringify(entry)}\n`);
  };
  return {
    debug: (message, fields) => line("debug", message, fields),
    info: (message, fields) => line("info", message, fields),
    warn: (message, fields) => line("warn", message, fields),
    error: (message, fields) => line("error", message, fields),
    with: (fields) => createLog({ ...options, fields: { ...base, ...fields } }),
  };
}

/** A log that says nothing, for tests. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLog,
};
