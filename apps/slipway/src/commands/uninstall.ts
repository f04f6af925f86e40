import type { Command } from "commander";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import { contextFlag, examples, timeoutFlag } from "./flags.ts";
import { clusterPlace } from "./place.ts";

interface UninstallFlags {
  readonly context?: string;
  readonly namespace: string;
  readonly deleteModels?: boolean;
  readonly timeout: number;
}

/** `slipway uninstall`. */
export function addUninstall(program: Command, context: CliContext): void {
  const command = program
    .command("uninstall")
    .summary("take Slipway out of a cluster")
    .description(
      "Takes away everything that `slipway install` and the platform made in a cluster, and waits until it is gone. Models are the user's: while there " +
        "are any it refuses, unless --delete-models is given; then they drain first. A namespace stays if it was there before, or has " +
        "anything of somebody else.",
    )
    .option("-n, --namespace <name>", "namespace of the platform, where the cluster does not say it", "slipway-system")
    .option("--delete-models", "also delete every Model")
    .action(async (flags: UninstallFlags) => {
      const place = await clusterPlace(context, flags);
      const { objectTitle, removeInstall } = await import("@slipway/kubernetes");
      const found = await clusterWork(context, place, flags.timeout, (objects) =>
        removeInstall(objects, {
          namespace: flags.namespace,
          deleteModels: flags.deleteModels === true,
          report: (object) => context.stdout.write(`${objectTitle(object)} deleted\n`),
          say: (text) => context.stderr.write(`${text}\n`),
        }),
      );
      context.stderr.write(
        found ? `Nothing of Slipway is left in ${place.context}.\n` : `Slipway is not installed in ${place.context}.\n`,
      );
    });
  timeoutFlag(command, "how long it may take until everything is gone", "5m");
  contextFlag(command, "the current context");
  examples(command, [
    ["slipway uninstall", "take it out of the cluster of the current context"],
    ["slipway uninstall --context prod --delete-models", "with all Models, once they have drained"],
  ]);
}
