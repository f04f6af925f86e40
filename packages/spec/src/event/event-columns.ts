import { age } from "../kinds/age.ts";
import type { Column } from "../kinds/kind-info.ts";
import { nameColumn, none } from "../kinds/standard-columns.ts";
import type { Event } from "./event-schema.ts";

/** What `kubectl get events` shows, in the order it does. */
export const eventColumns: readonly Column<"Event">[] = [
  {
    name: "Last Seen",
    type: "string",
    priority: 0,
    description: "How long ago it last happened.",
    value: (event, now) => age(lastSeen(event), now),
  },
  { name: "Type", type: "string", priority: 0, description: "Normal or Warning.", value: (event) => event.type ?? none },
  { name: "Reason", type: "string", priority: 0, description: "Why, as one word.", value: (event) => event.reason ?? none },
  {
    name: "Object",
    type: "string",
    priority: 0,
    description: "The object it happened to.",
    value: ({ involvedObject }) => `${(involvedObject.kind ?? "").toLowerCase()}/${involvedObject.name ?? ""}`,
  },
  {
    name: "Source",
    type: "string",
    priority: 1,
    description: "Who reports it.",
    value: (event) => event.source?.component || event.reportingComponent || none,
  },
  { name: "Message", type: "string", priority: 0, description: "What happened.", value: (event) => (event.message ?? "").trim() },
  {
    name: "Count",
    type: "integer",
    priority: 1,
    description: "How often it happened.",
    value: (event) => event.series?.count ?? event.count ?? 1,
  },
  { ...nameColumn, priority: 1 },
];

function lastSeen(event: Event): string | undefined {
  return (
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp
  );
}
