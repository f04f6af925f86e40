import { kinds } from "@slipway/spec";
import { Argument, type Command } from "commander";
import { completionScript, type Shell, shells } from "../output/completion-script.ts";
import type { CliContext } from "./context.ts";
import { examples, type PlaceFlags, placeFlags } from "./flags.ts";
import { readKind } from "./kind-argument.ts";
import { readPlace } from "./place.ts";
import { replicasOf } from "./replicas.ts";
import { withSession } from "./session.ts";

/** `slipway completion`, and the hidden `__complete` that its scripts ask for names. */
export function addCompletion(program: Command, context: CliContext): void {
  const command = program
    .command("completion")
    .summary("print a completion script for a shell")
    .description("Prints a script that completes commands, flags, kinds and names.")
    .addArgument(new Argument("<shell>", "shell").choices(shells))
    .action((shell: Shell) => {
      context.stdout.write(completionScript(program, shell));
    });
  examples(command, [
    ['eval "$(slipway completion bash)"', "in ~/.bashrc"],
    ["source <(slipway completion zsh)", "in ~/.zshrc"],
    ["slipway completion fish | source", "in ~/.config/fish/config.fish"],
  ]);
  const names = program
    .command("__complete", { hidden: true })
    .argument("<kind>")
    .action(async (kind: string, flags: PlaceFlags) => {
      // Whatever goes wrong, a completion says nothing.
      const found = await objectNames(context, kind, flags).catch(() => []);
      context.stdout.write(found.map((name) => `${name}\n`).join(""));
    });
  placeFlags(names);
}

async function objectNames(context: CliContext, kindText: string, flags: PlaceFlags): Promise<string[]> {
  const kind = readKind(kindText);
  const place = await readPlace(context, flags);
  return withSession(context, place, async ({ client }) => {
    const listed = kind === "replicas" ? "Model" : kind;
    const scope = kinds[listed].namespaced ? { namespace: place.namespace } : {};
    const { items } = await client.list(listed, { ...scope, signal: context.signal });
    if (kind !== "replicas") return items.map((item) => item.metadata.name);
    return replicasOf(items.filter((item) => item.kind === "Model")).map((replica) => replica.metadata.name);
  });
}
