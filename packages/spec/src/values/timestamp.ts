import { z } from "zod";

/** A string schema for an RFC 3339 time with offset, such as `2026-01-31T12:00:00Z`; fractions of a second are allowed. */
export function timestamp() {
  return z.iso.datetime({ offset: true });
}
