import type { Instant } from "@slipway/base";
import { humanDuration } from "../values/human-duration.ts";

/** How long ago an RFC 3339 time was, as tables show it; `<unknown>` when there is none. */
export function age(timestamp: string | undefined, now: Instant): string {
  return timestamp === undefined ? "<unknown>" : humanDuration(now - Date.parse(timestamp));
}
