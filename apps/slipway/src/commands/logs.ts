import type { Command } from "commander";
import { plainText } from "../output/plain-text.ts";
import type { CliContext } from "./context.ts";
import { examples, type PlaceFlags, placeFlags, wholeNumber } from "./flags.ts";
import { readPlace } from "./place.ts";
import { readReplicaLogs } from "./replica-logs.ts";
import { withCluster } from "./session.ts";

interface LogFlags extends PlaceFlags {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly replica?: string;
}

/** `slipway logs`. */
export function addLogs(program: Command, context: CliContext): void {
  const command = program
    .command("logs")
    .summary("show what a model's replicas wrote")
    .description(
      "Prints the logs of a model's replicas, those that have ended included as long as they are kept. On one machine it works while the platform is down, too; in a cluster, the logs of a pod end with it.",
    )
    .argument("<name>", "model")
    .option("-f, --follow", "go on with what is written from now on")
    .option("--tail <lines>", "only the last lines of each replica", wholeNumber(0, 1_000_000))
    .option("--replica <name>", "only this replica")
    .action(async (model: string, flags: LogFlags) => {
      const place = await readPlace(context, flags);
      const query = {
        namespace: place.namespace,
        model,
        follow: flags.follow === true,
        ...(flags.replica === undefined ? {} : { replica: flags.replica }),
        ...(flags.tail === undefined ? {} : { tail: flags.tail }),
      };
      const print = (replica: string, line: string) => {
        // A model writes what it likes; on a terminal it may not move the cursor or ring the bell.
        const text = context.stdout.isTTY ? plainText(line) : line;
        context.stdout.write(flags.replica === undefined ? `${replica} ${text}\n` : `${text}\n`);
      };
      if (place.type === "machine") return readReplicaLogs(context, { ...query, home: place.home }, print);
      const say = (text: string) => context.stderr.write(`${text}\n`);
      const { readPodLogs } = await import("@slipway/kubernetes");
      await withCluster(context, place, ({ server }) =>
        readPodLogs({ server, clock: context.clock }, query, { print, say }, context.signal),
      );
    });
  placeFlags(command);
  examples(command, [
    ["slipway logs digits --tail 20", "the last 20 lines of each replica"],
    ["slipway logs digits -f --replica digits-1a2b3c4d5e-0", "follow one replica"],
  ]);
}
