import { rollbackManager } from "@slipway/control";
import { type Key, type Model, type Resource, revisionName } from "@slipway/spec";
import type { Command } from "commander";
import type { BuiltManifest } from "../manifest/build-sources.ts";
import { json } from "../output/json.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, outputFlag, type PlaceFlags, placeFlags, timeoutFlag } from "./flags.ts";
import { objectName } from "./kind-argument.ts";
import { applyManager, trafficOwners } from "./managers.ts";
import { openManifests } from "./open-manifests.ts";
import { readPlace } from "./place.ts";
import { type PublishFlags, publishFlags } from "./publish-for-cluster.ts";
import { explainApplyError, liveResource, rehearse } from "./rehearsal.ts";
import { type Session, withSession } from "./session.ts";
import { waitReady } from "./wait-ready.ts";

interface ApplyFlags extends PlaceFlags, PublishFlags {
  readonly filename: string[];
  readonly wait?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly output: "text" | "json" | "yaml" | "name";
}

interface Applied {
  readonly entry: BuiltManifest;
  readonly result: Resource;
  readonly verb: "created" | "configured" | "unchanged";
}

/** `slipway apply`. */
export function addApply(program: Command, context: CliContext): void {
  const command = program
    .command("apply")
    .summary("create or change resources from manifests")
    .description(
      "Makes the platform be as the manifests say: builds every model directory they name, checks everything, and only then applies. " +
        "Nothing is applied when any document is wrong.",
    )
    .option("--wait", "wait until every Model answers, telling progress")
    .option("--dry-run", "check and print what would happen; change nothing")
    .option("--force", "take over fields that another field manager owns")
    .action(async (flags: ApplyFlags) => apply(context, flags));
  filenameFlag(command);
  timeoutFlag(command, "how long --wait may take", "60s");
  outputFlag(placeFlags(publishFlags(command)), ["text", "json", "yaml", "name"]);
  examples(command, [
    ["slipway apply -f model.yaml --wait", "deploy a model and wait until it answers"],
    ["slipway apply -f ./manifests --dry-run", "check a directory of manifests"],
    ["generate-manifest | slipway apply -f -", "apply from standard input"],
    [
      "slipway apply -f model.yaml --context prod --to registry.example.org/team/digits --wait",
      "in a cluster: build, make the image, push it, and apply its digest",
    ],
  ]);
}

async function apply(context: CliContext, flags: ApplyFlags): Promise<void> {
  const place = await readPlace(context, flags);
  const manifests = await openManifests(context, { flags, place, push: flags.dryRun !== true });
  await withSession(context, place, async (session) => {
    await checkAll(context, session, manifests, flags);
    const applied: Applied[] = [];
    for (const entry of manifests) {
      const done = await applyOne(context, session, entry, flags);
      applied.push(done);
      report(context, done, flags);
    }
    if (flags.output === "json" || flags.output === "yaml") {
      const print = flags.output === "json" ? json : yaml;
      const items = applied.map((done) => done.result);
      context.stdout.write(print(items.length === 1 ? items[0] : { apiVersion: "v1", kind: "List", items }));
    }
    if (flags.wait && !flags.dryRun) await waitAll(context, session, applied, flags.timeout);
  });
}

/** Has the API check every document before any is applied. What goes into a namespace that this very apply makes cannot be checked ahead. */
async function checkAll(
  context: CliContext,
  session: Session,
  manifests: readonly BuiltManifest[],
  flags: ApplyFlags,
): Promise<void> {
  if (flags.dryRun || manifests.length === 1) return;
  const made = new Set(manifests.filter((entry) => entry.kind === "Namespace").map((entry) => entry.configuration.metadata.name));
  for (const entry of manifests) {
    const { namespace } = entry.configuration.metadata;
    if (namespace === undefined || !made.has(namespace)) await rehearse(context, session, [entry], flags);
  }
}

async function applyOne(context: CliContext, session: Session, entry: BuiltManifest, flags: ApplyFlags): Promise<Applied> {
  try {
    const before = await liveResource(context, session, entry);
    const result: Resource = await session.client.apply(entry.configuration, {
      fieldManager: applyManager,
      signal: context.signal,
      ...(flags.force ? { force: true } : {}),
      ...(flags.dryRun ? { dryRun: true } : {}),
    });
    return { entry, result, verb: verb(before, result) };
  } catch (caught) {
    throw explainApplyError(caught, entry);
  }
}

function verb(before: Resource | undefined, after: Resource): Applied["verb"] {
  if (before === undefined) return "created";
  const same = before.metadata.uid === after.metadata.uid && sameContent(before, after);
  return same ? "unchanged" : "configured";
}

/** A dry run may answer with another resourceVersion although nothing changes, and control may have written a status in between. */
function sameContent(a: Resource, b: Resource): boolean {
  const content = ({ metadata, status: _, ...rest }: Resource & { status?: unknown }) => {
    const { resourceVersion: _version, managedFields, ...kept } = metadata;
    const owned = (managedFields ?? [])
      .filter((field) => field.subresource === undefined)
      .map(({ time: _time, ...field }) => field);
    return JSON.stringify({ ...rest, metadata: { ...kept, owned } });
  };
  return content(a) === content(b);
}

function report(context: CliContext, done: Applied, flags: ApplyFlags): void {
  const object = objectName(done.entry.kind, done.entry.configuration.metadata.name);
  if (flags.output === "text") context.stdout.write(`${object} ${done.verb}${flags.dryRun ? " (dry run)" : ""}\n`);
  if (flags.output === "name") context.stdout.write(`${object}\n`);
  if (done.result.kind === "Model" && done.verb !== "created") {
    const pin = pinOf(done.result);
    if (pin !== undefined)
      context.stderr.write(`traffic stays pinned to ${pin} by \`slipway rollback\`; a new revision clears it\n`);
  }
}

/** The revision that a rollback holds the traffic at; undefined when none does, or when this apply makes a new revision, which ends it. */
function pinOf(model: Model): string | undefined {
  if (!trafficOwners(model.metadata).includes(rollbackManager)) return undefined;
  if (revisionName(model) !== model.status?.latestRevision) return undefined;
  return model.spec.traffic?.filter((share) => share.percent !== 0).map((share) => share.revision)[0];
}

async function waitAll(context: CliContext, session: Session, applied: readonly Applied[], timeout: number): Promise<void> {
  const deadline = context.clock.monotonic() + timeout;
  for (const { entry, result } of applied) {
    if (entry.kind !== "Model") continue;
    await waitReady(context, session, keyOf(entry), { generation: result.metadata.generation ?? 1, timeout, deadline });
  }
}

function keyOf(entry: BuiltManifest): Key {
  const { name, namespace } = entry.configuration.metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
