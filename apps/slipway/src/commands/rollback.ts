import { rollbackManager } from "@slipway/control";
import type { Key } from "@slipway/spec";
import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { examples, outputFlag, type PlaceFlags, placeFlags, timeoutFlag } from "./flags.ts";
import { readPlace } from "./place.ts";
import { printChange } from "./print-change.ts";
import { rollbackTarget, rollbackTraffic } from "./rollback-target.ts";
import { type Session, withSession } from "./session.ts";
import { waitReady } from "./wait-ready.ts";

interface RollbackFlags extends PlaceFlags {
  readonly to?: string;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output: "text" | "json" | "name";
}

/** `slipway rollback`. */
export function addRollback(program: Command, context: CliContext): void {
  const command = program
    .command("rollback")
    .summary("send all requests to an earlier revision")
    .description(
      "Pins all requests to the revision before the one in force, or to the one named. The pin stays when the unchanged manifest is applied again; " +
        "a new revision ends it, and so does a rollback to the latest revision.",
    )
    .argument("<name>", "model")
    .option("--to <revision>", "this revision, by name or number")
    .option("--wait", "wait until it gets the requests")
    .action(async (name: string, flags: RollbackFlags) => {
      const place = await readPlace(context, flags);
      const key = { namespace: place.namespace, name };
      await withSession(context, place, (session) => rollback(context, session, key, flags));
    });
  timeoutFlag(command, "how long --wait may take", "60s");
  outputFlag(placeFlags(command), ["text", "json", "name"]);
  examples(command, [
    ["slipway rollback digits --wait", "go back to the revision before"],
    ["slipway rollback digits --to digits-1a2b3c4d5e", "go to one revision"],
  ]);
}

async function rollback(
  context: CliContext,
  session: Session,
  key: Key & { namespace: string },
  flags: RollbackFlags,
): Promise<void> {
  const model = await session.client.get("Model", key, { signal: context.signal });
  const { items } = await session.client.list("Revision", { namespace: key.namespace, signal: context.signal });
  const revisions = items.filter((revision) => revision.spec.model === key.name);
  const { current, target } = rollbackTarget(model, revisions, flags.to);
  const name = target.metadata.name;
  const result = await session.client.apply(
    {
      apiVersion: model.apiVersion,
      kind: "Model",
      metadata: { name: key.name, namespace: key.namespace },
      spec: rollbackTraffic(model, name),
    },
    { fieldManager: rollbackManager, force: true, signal: context.signal },
  );
  const was = current === undefined || current.metadata.name === name ? "" : ` (was ${current.metadata.name})`;
  if (flags.wait) await waitReady(context, session, key, { generation: result.metadata.generation ?? 1, timeout: flags.timeout });
  await printChange(context, session, key, { output: flags.output, text: `rolled back to ${name}${was}` });
}
