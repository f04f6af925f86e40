import { findBundle, parseReference, pullReferrers } from "@slipway/bundle";
import type { Command } from "commander";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { transfer } from "../image/transfer.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { defaultName } from "./default-name.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface PullFlags extends HomeFlags, RegistryFlags {
  readonly name?: string;
  readonly output: "text" | "json";
}

/** `slipway pull`. */
export function addPull(program: Command, context: CliContext): void {
  const command = program
    .command("pull")
    .summary("take a bundle from a registry into this home")
    .description(
      "Takes a bundle into this home's store: one that was pushed as such, or the one in an image. Every byte is verified before the bundle can be " +
        "used, and what was interrupted goes on where it was; what its repository knows of it (contents, provenance, signatures) comes along; a manifest that names its digest then runs here as in a cluster. Prints the bundle's digest.",
    )
    .argument("<reference>", "REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…")
    .option("--name <name>", "name for people, kept beside the digest (default: the repository's last part)")
    .action(async (reference: string, flags: PullFlags) => pull(context, reference, flags));
  outputFlag(homeFlag(registryFlags(command)), ["text", "json"]);
  examples(command, [["slipway pull registry.example.org/team/digits:v1", "fetch a bundle, or the one in an image"]]);
}

async function pull(context: CliContext, text: string, flags: PullFlags): Promise<void> {
  const reference = parseReference(text);
  const store = await openBundles(context, resolveHome(context, flags.home));
  const name = flags.name ?? defaultName(reference.name);
  await withRegistry(context, flags, async (client) => {
    const { digest, origin } = await findBundle(client, reference, context.signal);
    const { signal, progress, say } = transfer(context, "pulling");
    const { manifest } = await store.receive(digest, async () => origin, {
      signal,
      ...(progress && { progress }),
      ...(name === undefined ? {} : { name }),
    });
    say("");
    const known = await pullReferrers(client, reference, digest, context.signal);
    for (const { kind, content } of known) await store.referrers.attach(digest, kind, content);
    const facts = { digest, size: manifest.size, files: manifest.files.length };
    context.stdout.write(flags.output === "json" ? json(facts) : `${digest}\n`);
  });
}
