import type { Command } from "commander";
import { readBytes } from "../manifest/read-manifests.ts";
import type { CliContext } from "./context.ts";
import { examples, type NamespaceFlags, namespaceFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { withSession } from "./session.ts";

interface PredictFlags extends NamespaceFlags {
  readonly filename: string;
  readonly revision?: string;
}

/** Most bytes of a request that the command reads; the gateway has its own, lower limit. */
const mostBytes = 256 * 1024 * 1024;

/** `slipway predict`. */
export function addPredict(program: Command, context: CliContext): void {
  const command = program
    .command("predict")
    .summary("send one request to a model")
    .description(
      "Sends an Open Inference Protocol v2 request body to a model through the gateway and prints the answer as it came.",
    )
    .argument("<name>", "model")
    .requiredOption("-f, --filename <file>", "JSON file with the request body, or - for standard input")
    .option("--revision <name>", "ask this revision, whatever the traffic split")
    .action(async (model: string, flags: PredictFlags) => {
      const body = new Uint8Array(await readBytes(context, flags.filename, mostBytes));
      await withSession(context, resolveHome(context, flags.home), async (session) => {
        const target = {
          model,
          namespace: flags.namespace ?? "default",
          ...(flags.revision === undefined ? {} : { revision: flags.revision }),
        };
        const answer = await session.inference.predict(target, body, context.signal);
        context.stdout.write(answer.endsWith("\n") ? answer : `${answer}\n`);
      });
    });
  outputFlag(namespaceFlag(command), ["json"]);
  examples(command, [
    ["slipway predict digits -f request.json", "send a request from a file"],
    ["make-request | slipway predict digits -f - --revision digits-1a2b3c4d5e", "from standard input, to one revision"],
  ]);
}
