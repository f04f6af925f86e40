import { SlipwayError } from "@slipway/base";
import {
  type Bundle,
  type BundleStore,
  type LicenceChoice,
  licenceList,
  licenceText,
  type Provenance,
  type ReferrerKind,
  type Sbom,
} from "@slipway/bundle";
import { type Command, Option } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { fields } from "../output/fields.ts";
import { json } from "../output/json.ts";
import { table } from "../output/table.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface InspectFlags extends HomeFlags {
  readonly show?: "sbom" | "provenance" | "licences" | "contract";
  readonly output: "text" | "json";
}

/** `slipway inspect`. */
export function addInspect(program: Command, context: CliContext): void {
  const command = program
    .command("inspect")
    .summary("show what is known of a bundle")
    .description(
      "Shows what is in a bundle of this home, whose licences it has, how it was made and what else is kept beside it. --show prints one of these " +
        "whole: the CycloneDX bill of materials with the model card, the SLSA provenance, the list of licences, or the environment contract.",
    )
    .argument("<bundle>", "digest or name of a bundle")
    .addOption(new Option("--show <document>", "print this document").choices(["sbom", "provenance", "licences", "contract"]))
    .action((bundle: string, flags: InspectFlags) => inspect(context, bundle, flags));
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway inspect digits", "see what is in the newest bundle named digits"],
    ["slipway inspect digits --show sbom > digits.cdx.json", "hand its bill of materials to a scanner"],
    ["slipway inspect digits --show licences", "see every licence and who has it"],
  ]);
}

async function inspect(context: CliContext, text: string, flags: InspectFlags): Promise<void> {
  const store = await openBundles(context, resolveHome(context, flags.home));
  const bundle = await store.open(await findStoredBundle(store, text), { verify: "size" });
  const document = async (kind: ReferrerKind) => (await store.referrers.list(bundle.digest, kind))[0]?.content;
  switch (flags.show) {
    case "sbom":
    case "provenance":
    case "contract":
      // A document is JSON, whatever -o says.
      return context.stdout.write(json(read(await document(flags.show), bundle, flags.show)));
    case "licences": {
      const list = licenceList(read(await document("sbom"), bundle, "sbom") as Sbom);
      const named = list.map((each) => ({ ...each, licences: each.licences.map(licenceText) }));
      if (flags.output === "json") return context.stdout.write(json({ licences: named }));
      const rows = named.map(({ name, version, licences }) => [name, version ?? "", licences.join(", ") || "(not said)"]);
      return context.stdout.write(table(["NAME", "VERSION", "LICENCE"], rows));
    }
    default: {
      const facts = await summary(store, bundle);
      context.stdout.write(flags.output === "json" ? json(facts) : summaryText(facts));
    }
  }
}

function read(content: Buffer | undefined, bundle: Bundle, what: string): unknown {
  if (content !== undefined) return JSON.parse(content.toString("utf8"));
  throw new SlipwayError("notFound", `Nothing is known of ${bundle.digest} that would be its ${what}.`, {
    hint: "`slipway build` makes it; a bundle that was pulled has what was pushed with it.",
  });
}

type Summary = Awaited<ReturnType<typeof summary>>;

async function summary(store: BundleStore, bundle: Bundle) {
  const { digest, manifest } = bundle;
  const all = await store.referrers.list(digest);
  const of = (kind: ReferrerKind) => all.find((each) => each.kind === kind)?.content.toString("utf8");
  const bill = of("sbom");
  const made = of("provenance");
  const list = bill === undefined ? [] : licenceList(JSON.parse(bill) as Sbom);
  const spread = new Set(list.slice(1).flatMap(({ licences }) => licences.map(licenceText)));
  const build = made === undefined ? undefined : (JSON.parse(made) as Provenance).predicate;
  const source = build?.buildDefinition.resolvedDependencies.find((each) => "gitCommit" in each.digest);
  return {
    digest,
    format: manifest.format,
    size: manifest.size,
    files: manifest.files.length,
    licence: licencesText(list[0]?.licences ?? []),
    libraries: { count: Math.max(0, list.length - 1), licences: [...spread].sort() },
    ...(build === undefined
      ? {}
      : {
          built: {
            at: build.runDetails.metadata.finishedOn,
            by: build.runDetails.builder.id,
            ...(source === undefined ? {} : { from: source }),
          },
        }),
    documents: all.map(({ kind, digest: document, content }) => ({ kind, digest: document, bytes: content.length })),
  };
}

function licencesText(licences: readonly LicenceChoice[]): string {
  return licences.map(licenceText).join(", ") || "(not said)";
}

function summaryText({ digest, format, size, files, licence, libraries, built, documents }: Summary): string {
  const from = built?.from;
  const commit = (from?.digest as { gitCommit?: string } | undefined)?.gitCommit;
  return fields([
    ["digest", digest],
    ["format", format],
    ["size", `${size} bytes in ${files} files`],
    ["licence", licence],
    [
      "libraries",
      libraries.count === 0 ? "none" : `${libraries.count}, under ${libraries.licences.join(", ") || "no stated licence"}`,
    ],
    ["built", built === undefined ? "nobody says how" : `${built.at} by ${built.by}`],
    ...(commit === undefined ? [] : [["from", `${from?.uri ?? "git"} at ${commit}, ${from?.name ?? "."}`] as const]),
    ["documents", documents.map(({ kind, bytes }) => `${kind} (${bytes} bytes)`).join(", ") || "none"],
  ]);
}
