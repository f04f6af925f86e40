import { readMachine } from "@slipway/bundle";
import type { Place as RunsIn } from "@slipway/control";
import { oneMachine, openHome } from "@slipway/local";
import { type Model, revisionName } from "@slipway/spec";
import type { Command } from "commander";
import { thisCluster } from "../cluster/this-cluster.ts";
import { desiredState } from "../output/desired-state.ts";
import { type FieldChange, fieldChanges } from "../output/field-changes.ts";
import { json } from "../output/json.ts";
import { plainText } from "../output/plain-text.ts";
import { unmetLines } from "../trust/demand-environment.ts";
import { storedJudge } from "../trust/stored-policy.ts";
import { trustRefusal } from "../trust/trust-follower.ts";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, type HomeFlags, outputFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { type Foresight, foresee } from "./foresee.ts";
import { resolveHome } from "./home.ts";
import { objectName } from "./kind-argument.ts";
import { openManifests } from "./open-manifests.ts";
import { type ClusterPlace, readPlace } from "./place.ts";
import { type PublishFlags, publishFlags } from "./publish-for-cluster.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { type Session, withSession } from "./session.ts";

interface PlanFlags extends PlaceFlags, PublishFlags {
  readonly filename: string[];
  readonly output: "text" | "json";
}

/** A plan waits no longer for what a cluster says of itself, milliseconds. */
const longestMs = 60_000;

/** What an apply would do to one object. */
interface ObjectPlan {
  readonly object: string;
  readonly namespace?: string;
  readonly action: "create" | "configure" | "none";
  readonly fields: readonly FieldChange[];
  readonly control?: Foresight;
  /** Why no revision would be made. */
  readonly refused?: string;
  /** What no node of the cluster can give now. */
  readonly doubts?: readonly string[];
}

/** `slipway plan`. */
export function addPlan(program: Command, context: CliContext): void {
  const command = program
    .command("plan")
    .summary("show what an apply would do")
    .description(
      "Builds what the manifests name, asks the API, and shows what an apply would change: revision, replicas, traffic and fields. Changes nothing.",
    )
    .action(async (flags: PlanFlags) => {
      const place = await readPlace(context, flags);
      const manifests = await openManifests(context, { flags, place, push: false });
      await withSession(context, place, async (session) => {
        const rehearsals = await rehearse(context, session, manifests, {});
        const cluster = place.type === "cluster" ? await judgeByCluster(context, place, rehearsals) : undefined;
        const runs = place.type === "cluster" ? thisCluster : await thisMachine(context, flags);
        const plans: ObjectPlan[] = [];
        for (const rehearsal of rehearsals)
          plans.push({
            ...(await planObject(context, session, rehearsal, runs)),
            ...(await doubtsOf(rehearsal, cluster)),
          });
        context.stdout.write(flags.output === "json" ? json({ plans }) : plans.map(planText).join("\n"));
      });
    });
  outputFlag(placeFlags(publishFlags(filenameFlag(command))), ["text", "json"]);
  examples(command, [
    ["slipway plan -f model.yaml", "see whether a change makes a new revision and which replicas start and stop"],
    ["slipway plan -f model.yaml -o json", "the same for a script"],
    [
      "slipway plan -f model.yaml --context prod --to registry.example.org/team/digits",
      "in a cluster; also says what no node could give. Nothing is pushed",
    ],
  ]);
}

/** What a Model would not get: what no node of the cluster has now, and the lines of its bundle's contract that are not kept. */
async function doubtsOf(rehearsal: Rehearsal, cluster: ReadonlyMap<Rehearsal, Pick<ObjectPlan, "doubts">> | undefined) {
  const { wouldBe } = rehearsal;
  if (wouldBe.kind !== "Model") return {};
  const { contract } = wouldBe.spec.source;
  const { architecture } = wouldBe.spec.placement ?? {};
  const machine = cluster === undefined ? readMachine() : architecture === undefined ? {} : { architecture };
  const unmet = contract === undefined ? [] : await unmetLines(contract, wouldBe, machine);
  const doubts = [...(cluster?.get(rehearsal)?.doubts ?? []), ...unmet];
  return doubts.length === 0 ? {} : { doubts };
}

/** This machine as a place, with its trust policy. */
async function thisMachine(context: CliContext, flags: HomeFlags): Promise<RunsIn> {
  const paths = await openHome(resolveHome(context, flags.home), { runtimeParent: context.env.XDG_RUNTIME_DIR ?? "" });
  const judge = await storedJudge(paths.trust);
  return { ...oneMachine, refuses: (model) => trustRefusal(judge, model) };
}

/** Refuses what the cluster does not support, and gives what it could not satisfy now. */
async function judgeByCluster(context: CliContext, place: ClusterPlace, rehearsals: readonly Rehearsal[]) {
  const { clusterDoubts, refuseUnsupported } = await import("@slipway/kubernetes");
  return clusterWork(context, place, longestMs, async (objects) => {
    const models = rehearsals.flatMap(({ wouldBe }) => (wouldBe.kind === "Model" ? [wouldBe] : []));
    await refuseUnsupported(objects, models);
    const found = new Map<Rehearsal, Pick<ObjectPlan, "doubts">>();
    for (const rehearsal of rehearsals) {
      const { wouldBe } = rehearsal;
      const doubts = wouldBe.kind === "Model" ? await clusterDoubts(objects, wouldBe) : [];
      if (doubts.length > 0) found.set(rehearsal, { doubts });
    }
    return found;
  });
}

async function planObject(
  context: CliContext,
  session: Session,
  { entry, live, wouldBe }: Rehearsal,
  runs: RunsIn,
): Promise<ObjectPlan> {
  const { name, namespace } = entry.configuration.metadata;
  const fields = fieldChanges(live === undefined ? {} : desiredState(live), desiredState(wouldBe));
  const common = {
    object: objectName(entry.kind, name),
    ...(namespace === undefined ? {} : { namespace }),
    action: live === undefined ? ("create" as const) : fields.length === 0 ? ("none" as const) : ("configure" as const),
    fields:
      live === undefined ? [] : entry.kind === "Secret" ? fields.map(({ path }) => ({ path })) : fields.map(withoutSignatures),
  };
  if (wouldBe.kind !== "Model") return common;
  const all = await session.client.list("Revision", {
    ...(namespace === undefined ? {} : { namespace }),
    signal: context.signal,
  });
  const revisions = all.items.filter((revision) => revision.spec.model === name);
  const refused = revisions.some(({ metadata }) => metadata.name === revisionName(wouldBe)) ? undefined : runs.refuses?.(wouldBe);
  const control = foresee(wouldBe, revisions, live as Model | undefined, context.clock.now(), runs);
  return { ...common, control, ...(refused === undefined ? {} : { refused: refused.message }) };
}

/** A signature is a page of base64; that it changes is all that can be read of it. */
function withoutSignatures(change: FieldChange): FieldChange {
  return /^spec\.source\.(signatures|contract)/.test(change.path) ? { path: change.path } : change;
}

function planText(plan: ObjectPlan): string {
  const verbs = { create: "would be created", configure: "would change", none: "would not change" };
  const lines = [`${plan.object} ${verbs[plan.action]}`];
  const { control } = plan;
  if (plan.refused !== undefined) lines.push(`  refused   ${plan.refused}`);
  else if (control !== undefined) {
    const { from, to, isNew } = control.revision;
    lines.push(
      `  revision  ${from === to ? `${to}, as now` : `${to}${isNew ? ", new" : ", kept from before"}${from === undefined ? "" : `; now ${from}`}`}`,
    );
    lines.push(`  replicas  ${replicasText(control)}`);
    const [before, after] = [sharesText(control.traffic.from), sharesText(control.traffic.to)];
    lines.push(`  traffic   ${before === after ? `${after}, as now` : before === "" ? after : `${before} → ${after}`}`);
    if (control.clearsPin) lines.push("  rollback  the pin of `slipway rollback` ends");
  }
  for (const doubt of plan.doubts ?? []) lines.push(`  doubt     ${doubt}`);
  for (const field of plan.fields) lines.push(`  field     ${field.path}${changeText(field)}`);
  return plainText(`${lines.join("\n")}\n`);
}

function replicasText(control: Foresight): string {
  const each = (counts: Readonly<Record<string, number>>, verb: string) =>
    Object.entries(counts).map(([name, count]) => `${verb} ${count} of ${name}`);
  const steps = [...each(control.start, "start"), ...each(control.stop, "stop")];
  return steps.length === 0 ? "as now" : steps.join(", then ");
}

function sharesText(shares: readonly { revision: string; percent: number }[]): string {
  return shares.map((share) => `${share.percent} % ${share.revision}`).join(", ");
}

function changeText(field: FieldChange): string {
  const shown = (value: unknown) => (value === undefined ? "(none)" : JSON.stringify(value));
  return "from" in field || "to" in field ? `: ${shown(field.from)} → ${shown(field.to)}` : "";
}
