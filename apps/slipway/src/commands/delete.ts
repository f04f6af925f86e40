import { SlipwayError } from "@slipway/base";
import { type Key, type Kind, kinds } from "@slipway/spec";
import type { Command } from "commander";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, outputFlag, type PlaceFlags, placeFlags, timeoutFlag } from "./flags.ts";
import { objectName, readApiKind } from "./kind-argument.ts";
import { type Place, readPlace } from "./place.ts";
import { type Session, withSession } from "./session.ts";

interface DeleteFlags extends PlaceFlags {
  readonly filename?: string[];
  readonly wait: boolean;
  readonly timeout: number;
  readonly ignoreNotFound?: boolean;
  readonly dryRun?: boolean;
  readonly output: "text" | "name";
}

interface Target {
  readonly kind: Kind;
  readonly key: Key;
}

/** `slipway delete`. */
export function addDelete(program: Command, context: CliContext): void {
  const command = program
    .command("delete")
    .summary("delete objects")
    .description(
      "Deletes objects by kind and name, or those of manifests. Replicas of a deleted Model finish what they accepted. Waits until the objects are gone.",
    )
    .argument("[kind]", "models, revisions, namespaces, secrets, events; or KIND/NAME")
    .argument("[names...]", "names")
    .option("--no-wait", "do not wait until they are gone")
    .option("--ignore-not-found", "count an object that is not there as deleted")
    .option("--dry-run", "check and print; delete nothing")
    .action(async (kind: string | undefined, names: string[], flags: DeleteFlags) => {
      const place = await readPlace(context, flags);
      const targets = await readDeleteTargets(context, kind, names, flags, place);
      await withSession(context, place, (session) => deleteAll(context, session, targets, flags));
    });
  filenameFlag(command, false);
  timeoutFlag(command, "how long to wait until they are gone", "60s");
  outputFlag(placeFlags(command), ["text", "name"]);
  examples(command, [
    ["slipway delete model digits", "delete a model, its revisions and its replicas"],
    ["slipway delete -f model.yaml --ignore-not-found", "delete what a manifest describes"],
  ]);
}

async function readDeleteTargets(
  context: CliContext,
  kindText: string | undefined,
  names: readonly string[],
  flags: DeleteFlags,
  place: Place,
): Promise<Target[]> {
  if ((kindText === undefined) === (flags.filename === undefined)) {
    throw new SlipwayError("usage", "Name either a kind and names or, with -f, manifests.", {
      hint: "For example `slipway delete model digits`.",
    });
  }
  if (kindText === undefined) {
    const manifests = validateManifests(await readManifests(context, flags.filename ?? []), {
      asked: flags.namespace,
      otherwise: place.namespace,
    });
    return manifests.map(({ kind, configuration }) => {
      const { name, namespace } = configuration.metadata;
      return { kind, key: { name, ...(namespace === undefined ? {} : { namespace }) } };
    });
  }
  const [kindName = "", nameInKind] = kindText.split("/", 2);
  const kind = readApiKind(kindName);
  const all = nameInKind === undefined ? names : [nameInKind, ...names];
  if (all.length === 0 || all.includes("")) {
    throw new SlipwayError("usage", `Which ${kinds[kind].plural}? Name at least one.`, {
      hint: `\`slipway get ${kinds[kind].plural}\` lists them.`,
    });
  }
  const scope = kinds[kind].namespaced ? { namespace: place.namespace } : {};
  return all.map((name) => ({ kind, key: { ...scope, name } }));
}

async function deleteAll(context: CliContext, session: Session, targets: readonly Target[], flags: DeleteFlags): Promise<void> {
  const going: (Target & { uid: string | undefined })[] = [];
  for (const { kind, key } of targets) {
    try {
      const live = await session.client.get(kind, key, { signal: context.signal });
      await session.client.delete(kind, key, {
        propagation: "Background",
        signal: context.signal,
        ...(flags.dryRun ? { dryRun: true } : {}),
      });
      const said = flags.output === "name" ? "" : ` deleted${flags.dryRun ? " (dry run)" : ""}`;
      context.stdout.write(`${objectName(kind, key.name)}${said}\n`);
      going.push({ kind, key, uid: live.metadata.uid });
    } catch (caught) {
      const gone = caught instanceof SlipwayError && caught.code === "notFound";
      if (!gone || !flags.ignoreNotFound) throw caught;
    }
  }
  if (!flags.wait || flags.dryRun) return;
  const end = context.clock.monotonic() + flags.timeout;
  for (const target of going) await waitGone(context, session, target, Math.max(1, end - context.clock.monotonic()));
}

/** Ends when the object with this uid is not there any more; another object of the same name does not count. */
async function waitGone(
  context: CliContext,
  session: Session,
  { kind, key, uid }: Target & { uid: string | undefined },
  ms: number,
): Promise<void> {
  const deadline = new AbortController();
  const cancel = context.clock.after(ms, () => deadline.abort());
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  let present = false;
  try {
    for await (const event of session.client.watch(kind, { ...key, fieldSelector: `metadata.name=${key.name}`, signal })) {
      if (event.type === "synced") {
        if (!present) return;
      } else if (event.resource.metadata.name === key.name && event.resource.metadata.uid === uid) {
        if (event.type === "deleted") return;
        present = true;
      } else if (event.resource.metadata.name === key.name) return;
    }
  } finally {
    cancel();
  }
  if (context.signal.aborted) throw new SlipwayError("cancelled", "The wait was cancelled.");
  throw new SlipwayError(
    "timeout",
    `${objectName(kind, key.name)} was marked for deletion, but was still there after ${Math.round(ms) / 1000} s.`,
    {
      hint: `See what holds it: \`slipway describe ${kinds[kind].singular} ${key.name}\`.`,
    },
  );
}
