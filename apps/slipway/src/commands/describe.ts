import { SlipwayError } from "@slipway/base";
import { humanDuration, type Kind, kinds, type Resource, type Revision } from "@slipway/spec";
import type { Command } from "commander";
import { describeModel, describeRevision } from "../output/describe-model.ts";
import { desiredState } from "../output/desired-state.ts";
import { type Field, fields } from "../output/fields.ts";
import { table } from "../output/table.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { eventsOf } from "./events.ts";
import { examples, type PlaceFlags, placeFlags } from "./flags.ts";
import { readApiKind, readTargets } from "./kind-argument.ts";
import { readPlace } from "./place.ts";
import { type Session, withSession } from "./session.ts";

/** `slipway describe`. */
export function addDescribe(program: Command, context: CliContext): void {
  const command = program
    .command("describe")
    .summary("tell everything about an object")
    .description("Shows an object for people: what is wanted, what is there, why, and what happened to it.")
    .argument("<kind>", "models, revisions, namespaces, secrets, events; or KIND/NAME")
    .argument("[name]", "name")
    .action(async (kindText: string, nameText: string | undefined, flags: PlaceFlags) => {
      const targets = readTargets(kindText, nameText === undefined ? [] : [nameText]);
      const kind = readApiKind(targets.kind);
      const [name] = targets.names;
      if (name === undefined || name === "") {
        throw new SlipwayError("usage", `Which ${kinds[kind].singular}?`, {
          hint: `\`slipway get ${kinds[kind].plural}\` lists them.`,
        });
      }
      const place = await readPlace(context, flags);
      const scope = kinds[kind].namespaced ? { namespace: place.namespace } : {};
      await withSession(context, place, async (session) => {
        const resource = await session.client.get(kind, { ...scope, name }, { signal: context.signal });
        context.stdout.write(await describe(context, session, resource, scope));
      });
    });
  placeFlags(command);
  examples(command, [
    ["slipway describe model digits", "state, revisions, replicas, conditions and events of a model"],
    ["slipway describe revision digits-1a2b3c4d5e", "one revision"],
  ]);
}

async function describe(
  context: CliContext,
  session: Session,
  resource: Resource<Kind>,
  scope: { namespace?: string },
): Promise<string> {
  const now = context.clock.now();
  const { metadata } = resource;
  const created = metadata.creationTimestamp;
  const head: Field[] = [
    ["Name", metadata.name],
    ["Namespace", metadata.namespace],
    ["Labels", pairs(metadata.labels)],
    ["Annotations", pairs(metadata.annotations)],
    ["Created", created === undefined ? undefined : `${created} (${humanDuration(now - Date.parse(created))} ago)`],
    ["Deleting since", metadata.deletionTimestamp],
  ];
  let body: readonly Field[];
  if (resource.kind === "Model") {
    const all = await session.client.list("Revision", { ...scope, signal: context.signal });
    const revisions = all.items.filter((revision: Revision) => revision.spec.model === metadata.name);
    body = describeModel(resource, revisions, now);
  } else if (resource.kind === "Revision") body = describeRevision(resource, now);
  else if (resource.kind === "Secret") {
    const keys = Object.entries(resource.data ?? {}).map(
      ([key, value]) => `${key}: ${Buffer.from(value, "base64").byteLength} bytes`,
    );
    body = [
      ["Type", resource.type],
      ["Data", keys],
    ];
  } else {
    const { apiVersion: _, kind: __, metadata: ___, ...rest } = desiredState(resource);
    body = Object.keys(rest).length === 0 ? [] : [["Content", yaml(rest).trimEnd().split("\n")]];
  }
  const events = await eventLines(context, session, resource, scope);
  return fields([...head, ...body, ["Events", events]]);
}

async function eventLines(
  context: CliContext,
  session: Session,
  resource: Resource,
  scope: { namespace?: string },
): Promise<string[]> {
  if (resource.kind === "Event") return [];
  const { items } = await session.client.list("Event", { ...scope, signal: context.signal });
  const own = eventsOf(items, resource.metadata.name).filter((event) => event.involvedObject.kind === resource.kind);
  if (own.length === 0) return [];
  const rows = own.map((event) => {
    const last = event.lastTimestamp ?? event.eventTime;
    const times = (event.count ?? 1) > 1 ? ` (${event.count} times)` : "";
    const when = last === undefined ? "-" : humanDuration(context.clock.now() - Date.parse(last));
    return [event.type ?? "", event.reason ?? "", when, `${event.message ?? ""}${times}`];
  });
  return table(["TYPE", "REASON", "AGE", "MESSAGE"], rows).trimEnd().split("\n");
}

function pairs(map: Readonly<Record<string, string>> | undefined): string | undefined {
  const entries = Object.entries(map ?? {});
  return entries.length === 0 ? undefined : entries.map(([key, value]) => `${key}=${value}`).join(", ");
}
