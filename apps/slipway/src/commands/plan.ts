import type { Model } from "@slipway/spec";
import type { Command } from "commander";
import { desiredState } from "../output/desired-state.ts";
import { type FieldChange, fieldChanges } from "../output/field-changes.ts";
import { plainText } from "../output/plain-text.ts";
import { json } from "../output/print.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, outputFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { type Foresight, foresee } from "./foresee.ts";
import { objectName } from "./kind-argument.ts";
import { openManifests } from "./open-manifests.ts";
import { readPlace } from "./place.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { type Session, withSession } from "./session.ts";

interface PlanFlags extends PlaceFlags {
  readonly filename: string[];
  readonly output: "text" | "json";
}

/** What an apply would do to one object. */
interface ObjectPlan {
  readonly object: string;
  readonly namespace?: string;
  readonly action: "create" | "configure" | "none";
  readonly fields: readonly FieldChange[];
  readonly control?: Foresight;
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
      const manifests = await openManifests(context, flags, place);
      await withSession(context, place, async (session) => {
        const plans: ObjectPlan[] = [];
        for (const rehearsal of await rehearse(context, session, manifests, {}))
          plans.push(await planObject(context, session, rehearsal));
        context.stdout.write(flags.output === "json" ? json({ plans }) : plans.map(planText).join("\n"));
      });
    });
  outputFlag(placeFlags(filenameFlag(command)), ["text", "json"]);
  examples(command, [
    ["slipway plan -f model.yaml", "see whether a change makes a new revision and which replicas start and stop"],
    ["slipway plan -f model.yaml -o json", "the same for a script"],
  ]);
}

async function planObject(context: CliContext, session: Session, { entry, live, wouldBe }: Rehearsal): Promise<ObjectPlan> {
  const { name, namespace } = entry.configuration.metadata;
  const fields = fieldChanges(live === undefined ? {} : desiredState(live), desiredState(wouldBe));
  const common = {
    object: objectName(entry.kind, name),
    ...(namespace === undefined ? {} : { namespace }),
    action: live === undefined ? ("create" as const) : fields.length === 0 ? ("none" as const) : ("configure" as const),
    fields: live === undefined ? [] : entry.kind === "Secret" ? fields.map(({ path }) => ({ path })) : fields,
  };
  if (wouldBe.kind !== "Model") return common;
  const all = await session.client.list("Revision", {
    ...(namespace === undefined ? {} : { namespace }),
    signal: context.signal,
  });
  const revisions = all.items.filter((revision) => revision.spec.model === name);
  return { ...common, control: foresee(wouldBe, revisions, live as Model | undefined, context.clock.now()) };
}

function planText(plan: ObjectPlan): string {
  const verbs = { create: "would be created", configure: "would change", none: "would not change" };
  const lines = [`${plan.object} ${verbs[plan.action]}`];
  const { control } = plan;
  if (control !== undefined) {
    const { from, to, isNew } = control.revision;
    lines.push(
      `  revision  ${from === to ? `${to}, as now` : `${to}${isNew ? ", new" : ", kept from before"}${from === undefined ? "" : `; now ${from}`}`}`,
    );
    lines.push(`  replicas  ${replicasText(control)}`);
    const [before, after] = [sharesText(control.traffic.from), sharesText(control.traffic.to)];
    lines.push(`  traffic   ${before === after ? `${after}, as now` : before === "" ? after : `${before} → ${after}`}`);
    if (control.clearsPin) lines.push("  rollback  the pin of `slipway rollback` ends");
  }
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
