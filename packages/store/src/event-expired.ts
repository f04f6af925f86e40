import type { Instant } from "@slipway/base";
import type { Event } from "@slipway/spec";

/** How long an Event is kept after it last happened, in milliseconds; Kubernetes' default too. */
const eventLifetime = 60 * 60 * 1000;

/** Whether an Event last happened more than an hour ago. Pure. */
export function eventExpired(event: Event, now: Instant): boolean {
  const times = [
    event.metadata.creationTimestamp,
    event.eventTime,
    event.firstTimestamp,
    event.lastTimestamp,
    event.series?.lastObservedTime,
  ];
  const last = Math.max(...times.map((time) => (time === undefined ? 0 : Date.parse(time))));
  return now - last > eventLifetime;
}
