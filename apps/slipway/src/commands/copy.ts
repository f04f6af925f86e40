import { parseReference } from "@slipway/bundle";
import type { Command } from "commander";
import { PushTarget } from "../image/push-target.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { transfer } from "../image/transfer.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag } from "./flags.ts";

interface CopyFlags extends RegistryFlags {
  readonly output: "text" | "json";
}

/** `slipway copy`. */
export function addCopy(program: Command, context: CliContext): void {
  const command = program
    .command("copy")
    .summary("copy a bundle or an image to another repository")
    .description(
      "Copies what a reference names, byte for byte: a bundle with what is known of it (contents, provenance, signatures), or an image for all its " +
        "architectures. Within one registry the blobs do not move; nothing is kept on this machine. Prints what can be pulled, by digest.",
    )
    .argument("<from>", "REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…")
    .argument("<to>", "REGISTRY/NAME, or REGISTRY/NAME:TAG")
    .action(async (from: string, to: string, flags: CopyFlags) => copy(context, from, to, flags));
  outputFlag(registryFlags(command), ["text", "json"]);
  examples(command, [
    [
      "slipway copy dev.example.org/team/digits:v1 prod.example.org/team/digits:v1",
      "release what was tried, under the same digest",
    ],
  ]);
}

async function copy(context: CliContext, source: string, target: string, flags: CopyFlags): Promise<void> {
  const from = parseReference(source);
  const to = new PushTarget(target);
  await withRegistry(context, flags, async (client) => {
    const copied = await to.copy(from, { client, ...transfer(context, "copying") });
    context.stdout.write(flags.output === "json" ? json({ copied }) : `${copied}\n`);
  });
}
