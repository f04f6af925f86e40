import { SlipwayError } from "@slipway/base";
import type { ListOptions } from "@slipway/client";
import { type Kind, kinds, type Resource } from "@slipway/spec";
import type { Command } from "commander";
import { withoutManagedFields } from "../output/desired-state.ts";
import { json } from "../output/json.ts";
import { replicaTable, resourceTable, type TableOptions } from "../output/resource-table.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { objectName, readTargets } from "./kind-argument.ts";
import { readPlace } from "./place.ts";
import { replicasOf } from "./replicas.ts";
import { type Session, withSession } from "./session.ts";

interface GetFlags extends PlaceFlags {
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly watch?: boolean;
  readonly showManagedFields?: boolean;
  readonly output: "table" | "wide" | "json" | "yaml" | "name";
}

/** `slipway get`. */
export function addGet(program: Command, context: CliContext): void {
  const command = program
    .command("get")
    .summary("list or show objects")
    .description("Shows models, revisions, replicas, namespaces, secrets or events: all of a kind, or those named.")
    .argument("<kind>", "models, revisions, replicas, namespaces, secrets, events; or KIND/NAME")
    .argument("[names...]", "names; none = all")
    .option("-A, --all-namespaces", "of every namespace")
    .option("-l, --selector <labels>", "only objects with these labels, e.g. team=vision,stage!=test")
    .option("-w, --watch", "go on showing changes")
    .option("--show-managed-fields", "keep metadata.managedFields in JSON and YAML")
    .action(async (kind: string, names: string[], given: GetFlags) => {
      const targets = readTargets(kind, names);
      if (given.allNamespaces && targets.names.length > 0)
        throw new SlipwayError("usage", "--all-namespaces lists; it does not go with names.");
      const place = await readPlace(context, given);
      const flags = { ...given, namespace: place.namespace };
      await withSession(context, place, async (session) => {
        if (targets.kind === "replicas") await getReplicas(context, session, targets.names, flags);
        else if (flags.watch) await watch(context, session, targets.kind, targets.names, flags);
        else await get(context, session, targets.kind, targets.names, flags);
      });
    });
  outputFlag(placeFlags(command), ["table", "wide", "json", "yaml", "name"]);
  examples(command, [
    ["slipway get models", "list models"],
    ["slipway get model digits -o json", "one model with its status"],
    ["slipway get replicas -A", "every replica of every namespace, with its process id"],
    ["slipway get revisions -l slipway.dev/model=digits", "the revisions of one model"],
    ["slipway get models -w", "follow changes"],
  ]);
}

async function get<K extends Kind>(
  context: CliContext,
  session: Session,
  kind: K,
  names: readonly string[],
  flags: GetFlags,
): Promise<void> {
  const where = scope(kind, flags);
  if (names.length === 0) {
    const { items, version } = await session.client.list(kind, { ...where, signal: context.signal });
    if (items.length === 0 && isTable(flags)) context.stderr.write(`No ${kinds[kind].plural} found${place(where)}.\n`);
    else context.stdout.write(listText(context, kind, items, version, flags));
    return;
  }
  const found: Resource<K>[] = [];
  for (const name of names) found.push(await session.client.get(kind, { ...where, name }, { signal: context.signal }));
  const [only] = found;
  if (found.length === 1 && only !== undefined && !isTable(flags) && flags.output !== "name")
    context.stdout.write(printer(flags)(tidy(only, flags)));
  else context.stdout.write(listText(context, kind, found, "", flags));
}

async function watch<K extends Kind>(
  context: CliContext,
  session: Session,
  kind: K,
  names: readonly string[],
  flags: GetFlags,
): Promise<void> {
  const [name, ...more] = names;
  if (more.length > 0) throw new SlipwayError("usage", "--watch follows all objects or one, not several.");
  const where = scope(kind, flags);
  const only = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  // What is there already comes as one table, so that its columns agree.
  let first: Resource<K>[] | undefined = [];
  const print = (resources: readonly Resource<K>[], withHeader: boolean) => {
    if (isTable(flags)) context.stdout.write(resourceTable(kind, resources, { ...tableOptions(context, flags), withHeader }));
    else if (flags.output === "name")
      context.stdout.write(resources.map((one) => `${objectName(kind, one.metadata.name)}\n`).join(""));
    else
      for (const one of resources)
        context.stdout.write(`${flags.output === "yaml" ? "---\n" : ""}${printer(flags)(tidy(one, flags))}`);
  };
  for await (const event of session.client.watch(kind, { ...where, ...only, signal: context.signal })) {
    if (event.type === "synced") {
      print(first ?? [], true);
      first = undefined;
    } else if (first === undefined) print([event.resource], false);
    else first.push(event.resource);
  }
}

async function getReplicas(context: CliContext, session: Session, names: readonly string[], flags: GetFlags): Promise<void> {
  if (flags.watch)
    throw new SlipwayError("usage", "Replicas cannot be watched; `slipway get models -w -o json` follows status.instances.");
  const { items: models, version } = await session.client.list("Model", { ...scope("Model", flags), signal: context.signal });
  const all = replicasOf(models);
  for (const name of names) {
    if (!all.some((replica) => replica.metadata.name === name))
      throw new SlipwayError("notFound", `There is no replica ${JSON.stringify(name)}.`);
  }
  const items = names.length === 0 ? all : all.filter((replica) => names.includes(replica.metadata.name));
  if (flags.output === "json" || flags.output === "yaml") {
    context.stdout.write(printer(flags)({ apiVersion: "v1", kind: "List", metadata: { resourceVersion: version }, items }));
  } else if (flags.output === "name") context.stdout.write(items.map((item) => `replica/${item.metadata.name}\n`).join(""));
  else if (items.length === 0) context.stderr.write(`No replicas found${place(scope("Model", flags))}.\n`);
  else context.stdout.write(replicaTable(items, tableOptions(context, flags)));
}

function listText<K extends Kind>(
  context: CliContext,
  kind: K,
  items: readonly Resource<K>[],
  version: string,
  flags: GetFlags,
): string {
  if (isTable(flags)) return resourceTable(kind, items, tableOptions(context, flags));
  if (flags.output === "name") return items.map((item) => `${objectName(kind, item.metadata.name)}\n`).join("");
  const kept = items.map((item) => tidy(item, flags));
  return printer(flags)({ apiVersion: "v1", kind: "List", metadata: { resourceVersion: version }, items: kept });
}

function scope(kind: Kind, flags: GetFlags): Pick<ListOptions, "namespace" | "labelSelector"> {
  return {
    ...(kinds[kind].namespaced && !flags.allNamespaces ? { namespace: flags.namespace ?? "default" } : {}),
    ...(flags.selector === undefined ? {} : { labelSelector: flags.selector }),
  };
}

function place(where: { readonly namespace?: string }): string {
  return where.namespace === undefined ? "" : ` in namespace ${where.namespace}`;
}

function isTable(flags: GetFlags): boolean {
  return flags.output === "table" || flags.output === "wide";
}

function tableOptions(context: CliContext, flags: GetFlags): TableOptions {
  return {
    wide: flags.output === "wide",
    withNamespace: flags.allNamespaces === true,
    withHeader: true,
    now: context.clock.now(),
  };
}

function printer(flags: GetFlags): (value: unknown) => string {
  return flags.output === "yaml" ? yaml : json;
}

function tidy<K extends Kind>(resource: Resource<K>, flags: GetFlags): Resource<K> {
  return flags.showManagedFields ? resource : withoutManagedFields(resource);
}
