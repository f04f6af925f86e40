import assert from "node:assert/strict";
import type { CommandResult } from "./platform.ts";

/** A command never shows its user a stack trace. */
export function noStack(result: CommandResult): void {
  assert.doesNotMatch(result.stderr, /^\s+at .*:\d+:\d+\)?$/m);
}
