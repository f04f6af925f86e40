import { SlipwayError } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import type { BuiltManifest } from "../manifest/build-sources.ts";
import type { CliContext } from "./context.ts";
import { objectName } from "./kind-argument.ts";
import { applyManager } from "./managers.ts";
import type { Session } from "./session.ts";

/** One manifest's object as it is and as it would be after an apply. */
export interface Rehearsal {
  readonly entry: BuiltManifest;
  /** Absent when it does not exist yet. */
  readonly live: Resource | undefined;
  readonly wouldBe: Resource;
}

/** Asks the API what an apply of these manifests would make, without changing anything. */
export async function rehearse(
  context: CliContext,
  session: Session,
  manifests: readonly BuiltManifest[],
  options: { readonly force?: boolean },
): Promise<Rehearsal[]> {
  const rehearsals: Rehearsal[] = [];
  for (const entry of manifests) {
    const live = await liveResource(context, session, entry);
    try {
      const wouldBe = await session.client.apply(entry.configuration, {
        fieldManager: applyManager,
        dryRun: true,
        signal: context.signal,
        ...(options.force ? { force: true } : {}),
      });
      rehearsals.push({ entry, live, wouldBe });
    } catch (caught) {
      throw explainApplyError(caught, entry);
    }
  }
  return rehearsals;
}

/** The object of a manifest as it is now. */
export async function liveResource(context: CliContext, session: Session, entry: BuiltManifest): Promise<Resource | undefined> {
  const { name, namespace } = entry.configuration.metadata;
  try {
    const key = { name, ...(namespace === undefined ? {} : { namespace }) };
    return await session.client.get(entry.kind, key, { signal: context.signal });
  } catch (caught) {
    if (caught instanceof SlipwayError && caught.code === "notFound") return undefined;
    throw caught;
  }
}

/** Adds the object's name and the place in the manifest to what the API says is wrong, and what to do about a conflict. */
export function explainApplyError(caught: unknown, entry: BuiltManifest): unknown {
  if (!(caught instanceof SlipwayError)) return caught;
  const problems = caught.problems.map((problem) => entry.document.locate({ ...problem, path: problem.path.replace(/^\./, "") }));
  const conflict = "Leave the field to the manager that owns it, or take it over with --force.";
  const hint = caught.code === "conflict" ? conflict : caught.hint;
  // The API's sentence repeats every problem; here each has its own line, with its place.
  const what = caught.code === "invalid" && problems.length > 0 ? "is not valid; nothing was changed." : caught.message;
  const message = `${objectName(entry.kind, entry.configuration.metadata.name)}: ${what}`;
  return new SlipwayError(caught.code, message, { problems, ...(hint === undefined ? {} : { hint }), cause: caught });
}
