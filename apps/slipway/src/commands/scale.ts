import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { examples, outputFlag, type PlaceFlags, placeFlags, timeoutFlag, wholeNumber } from "./flags.ts";
import { readPlace } from "./place.ts";
import { printChange } from "./print-change.ts";
import { withSession } from "./session.ts";
import { waitReady } from "./wait-ready.ts";

interface ScaleFlags extends PlaceFlags {
  readonly replicas: number;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output: "text" | "json" | "name";
}

/** `slipway scale`. */
export function addScale(program: Command, context: CliContext): void {
  const command = program
    .command("scale")
    .summary("set the number of replicas by hand")
    .description(
      "Sets spec.replicas of a model through its scale subresource: an override of what scaling decides, at most scaling.maxReplicas.",
    )
    .argument("<name>", "model")
    .requiredOption("--replicas <count>", "replicas there shall be", wholeNumber(0, 1_000_000))
    .option("--wait", "wait until all of them are ready and the others have gone")
    .action(async (name: string, flags: ScaleFlags) => {
      const place = await readPlace(context, flags);
      const key = { namespace: place.namespace, name };
      await withSession(context, place, async (session) => {
        await session.client.scale("Model", key, flags.replicas, { fieldManager: "slipway-scale", signal: context.signal });
        if (flags.wait) {
          const { metadata } = await session.client.get("Model", key, { signal: context.signal });
          await waitReady(context, session, key, { generation: metadata.generation ?? 1, timeout: flags.timeout, settled: true });
        }
        await printChange(context, session, key, { output: flags.output, text: "scaled" });
      });
    });
  timeoutFlag(command, "how long --wait may take", "60s");
  outputFlag(placeFlags(command), ["text", "json", "name"]);
  examples(command, [["slipway scale digits --replicas 3 --wait", "run three replicas and wait for them"]]);
}
