import type { Command } from "commander";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag } from "./flags.ts";

/** `slipway version`. */
export function addVersion(program: Command, context: CliContext): void {
  const command = program
    .command("version")
    .summary("print the version")
    .description("Prints the version of Slipway and of the Node.js that runs it.")
    .action((flags: { readonly output: "text" | "json" }) => {
      const { version } = context.platform;
      const facts = { version, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
      context.stdout.write(
        flags.output === "json" ? json(facts) : `slipway ${version} (Node.js ${facts.node}, ${facts.platform})\n`,
      );
    });
  outputFlag(command, ["text", "json"]);
  examples(command, [["slipway version -o json", "for a bug report or a script"]]);
}
