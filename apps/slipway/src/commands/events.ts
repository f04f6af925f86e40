import type { Event } from "@slipway/spec";
import type { Command } from "commander";
import { withoutManagedFields } from "../output/desired-state.ts";
import { json } from "../output/json.ts";
import { resourceTable } from "../output/resource-table.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { readPlace } from "./place.ts";
import { withSession } from "./session.ts";

interface EventFlags extends PlaceFlags {
  readonly allNamespaces?: boolean;
  readonly output: "table" | "wide" | "json" | "yaml";
}

/** `slipway events`. */
export function addEvents(program: Command, context: CliContext): void {
  const command = program
    .command("events")
    .summary("show what happened, oldest first")
    .description(
      "Shows the events of a namespace in the order in which they last happened; with a name, only those of that object.",
    )
    .argument("[name]", "object, e.g. a model")
    .option("-A, --all-namespaces", "of every namespace")
    .action(async (name: string | undefined, flags: EventFlags) => {
      const place = await readPlace(context, flags);
      const where = flags.allNamespaces ? {} : { namespace: place.namespace };
      await withSession(context, place, async (session) => {
        const { items, version } = await session.client.list("Event", { ...where, signal: context.signal });
        const events = eventsOf(items, name);
        if (flags.output === "json" || flags.output === "yaml") {
          const list = {
            apiVersion: "v1",
            kind: "List",
            metadata: { resourceVersion: version },
            items: events.map(withoutManagedFields),
          };
          context.stdout.write(flags.output === "json" ? json(list) : yaml(list));
          return;
        }
        if (events.length === 0) context.stderr.write(`No events found${name === undefined ? "" : ` of ${name}`}.\n`);
        else context.stdout.write(eventTable(context, events, flags));
      });
    });
  outputFlag(placeFlags(command), ["table", "wide", "json", "yaml"]);
  examples(command, [["slipway events digits", "what happened to a model, and why"]]);
}

/** Events of one object, or all, oldest first. */
export function eventsOf(events: readonly Event[], name: string | undefined): Event[] {
  const time = (event: Event) =>
    Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? "") || 0;
  return events
    .filter((event) => name === undefined || event.involvedObject.name === name)
    .sort((a, b) => time(a) - time(b) || Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
}

function eventTable(context: CliContext, events: readonly Event[], flags: EventFlags): string {
  return resourceTable("Event", events, {
    wide: flags.output === "wide",
    withNamespace: flags.allNamespaces === true,
    withHeader: true,
    now: context.clock.now(),
  });
}
