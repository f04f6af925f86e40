import type { Instant } from "@slipway/base";

/** An instant as Kubernetes writes times: RFC 3339, UTC, whole seconds. */
export function timestamp(now: Instant): string {
  return new Date(Math.floor(now / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
