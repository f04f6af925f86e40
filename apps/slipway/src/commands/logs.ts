import type { Command } from "commander";
import { plainText } from "../output/plain-text.ts";
import type { CliContext } from "./context.ts";
import { examples, type NamespaceFlags, namespaceFlag, wholeNumber } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { readReplicaLogs } from "./replica-logs.ts";

interface LogFlags extends NamespaceFlags {
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
      "Prints the logs of a model's replicas, those that have ended included as long as they are kept. Works while the platform is down, too.",
    )
    .argument("<name>", "model")
    .option("-f, --follow", "go on with what is written from now on")
    .option("--tail <lines>", "only the last lines of each replica", wholeNumber(0, 1_000_000))
    .option("--replica <name>", "only this replica")
    .action(async (model: string, flags: LogFlags) => {
      const query = {
        home: resolveHome(context, flags.home),
        namespace: flags.namespace ?? "default",
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
      await readReplicaLogs(context, query, print);
    });
  namespaceFlag(command);
  examples(command, [
    ["slipway logs digits --tail 20", "the last 20 lines of each replica"],
    ["slipway logs digits -f --replica digits-1a2b3c4d5e-0", "follow one replica"],
  ]);
}
