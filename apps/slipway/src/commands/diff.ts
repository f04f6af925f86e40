import type { Resource } from "@slipway/spec";
import type { Command } from "commander";
import { createTwoFilesPatch } from "diff";
import { desiredState } from "../output/desired-state.ts";
import { plainText } from "../output/plain-text.ts";
import { type Paint, painter } from "../output/style.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { objectName } from "./kind-argument.ts";
import { openManifests } from "./open-manifests.ts";
import { readPlace } from "./place.ts";
import { type PublishFlags, publishFlags } from "./publish-for-cluster.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";
import { withSession } from "./session.ts";

interface DiffFlags extends PlaceFlags, PublishFlags {
  readonly filename: string[];
}

/** `slipway diff`. */
export function addDiff(program: Command, context: CliContext): void {
  const command = program
    .command("diff")
    .summary("show how manifests differ from what is applied")
    .description(
      "Prints a unified diff from the live objects to what they would be after an apply. Exit code 0 when nothing differs, 1 when something does.",
    )
    .action(async (flags: DiffFlags) => {
      const place = await readPlace(context, flags);
      const manifests = await openManifests(context, { flags, place, push: false });
      await withSession(context, place, async (session) => {
        const text = (await rehearse(context, session, manifests, {})).map(objectDiff).join("");
        if (text === "") return;
        context.stdout.write(coloured(plainText(text), painter(context, context.stdout)));
        context.outcome.exitCode = 1;
      });
    });
  placeFlags(publishFlags(filenameFlag(command)));
  examples(command, [["slipway diff -f model.yaml", "see what an apply would change, field by field"]]);
}

function objectDiff({ entry, live, wouldBe }: Rehearsal): string {
  const before = live === undefined ? "" : yaml(shown(live, "live", wouldBe));
  const after = yaml(shown(wouldBe, "applied", live));
  if (before === after) return "";
  const { name, namespace } = entry.configuration.metadata;
  const object = `${namespace === undefined ? "" : `${namespace}/`}${objectName(entry.kind, name)}`;
  return createTwoFilesPatch(`live/${object}`, `applied/${object}`, before, after, undefined, undefined, { context: 3 }).replace(
    /^=+\n/,
    "",
  );
}

/** A Secret's values stay secret: only whether they differ is shown. */
function shown(resource: Resource, side: "live" | "applied", other: Resource | undefined): Record<string, unknown> {
  const state = desiredState(resource);
  if (resource.kind !== "Secret" || resource.data === undefined) return state;
  const data = Object.entries(resource.data).map(([key, value]) => {
    const same = other?.kind === "Secret" && other.data?.[key] === value;
    return [key, same ? "***" : `*** (${side})`];
  });
  return { ...state, data: Object.fromEntries(data) };
}

function coloured(text: string, paint: Paint): string {
  const tone = (line: string) =>
    line.startsWith("+") ? "good" : line.startsWith("-") ? "bad" : line.startsWith("@@") ? "dim" : undefined;
  return text
    .split("\n")
    .map((line) => {
      const found = tone(line);
      return found === undefined ? line : paint(found, line);
    })
    .join("\n");
}
