import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import { readLayoutDirectory, readRelease } from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { type PushOptions, PushTarget } from "../image/push-target.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { transfer } from "../image/transfer.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface PushFlags extends HomeFlags, RegistryFlags {
  readonly layout?: string;
  readonly output: "text" | "json";
}

/** `slipway push`. */
export function addPush(program: Command, context: CliContext): void {
  const command = program
    .command("push")
    .summary("put a bundle or an image into a registry")
    .description(
      "Puts a bundle of this home into a repository, as it is and under its own digest, with what is known of it (contents, provenance, signatures); with --layout, the images of an OCI image layout. What is " +
        "there already is not sent again. Logins are those of `docker login`. Prints what can be pulled, by digest.",
    )
    .argument("<what>", "digest or name of a bundle; with --layout, the directory")
    .argument("<repository>", "REGISTRY/NAME, or REGISTRY/NAME:TAG")
    .option("--layout", "<what> is the directory of an OCI image layout")
    .action(async (what: string, to: string, flags: PushFlags) => push(context, what, to, flags));
  outputFlag(homeFlag(registryFlags(command)), ["text", "json"]);
  examples(command, [
    ["slipway push digits registry.example.org/team/digits:v1", "push the newest bundle named digits"],
    ["slipway push --layout ./digits-image registry.example.org/team/digits", "push what `slipway image --layout` wrote"],
  ]);
}

async function push(context: CliContext, what: string, repository: string, flags: PushFlags): Promise<void> {
  const to = new PushTarget(repository);
  await withRegistry(context, flags, async (client) => {
    const options = { client, ...transfer(context, "pushing") };
    const pushed = flags.layout
      ? await pushLayout(context, what, to, options)
      : [await pushStored(context, what, to, { ...options, home: flags.home })];
    context.stdout.write(flags.output === "json" ? json({ pushed }) : pushed.map((reference) => `${reference}\n`).join(""));
  });
}

async function pushStored(
  context: CliContext,
  what: string,
  to: PushTarget,
  { home, ...options }: PushOptions & { readonly home: string | undefined },
): Promise<string> {
  const store = await openBundles(context, resolveHome(context, home));
  const digest = await findStoredBundle(store, what);
  return to.pushBundle(await store.blobs(digest), await store.referrers.list(digest), options);
}

async function pushLayout(context: CliContext, what: string, to: PushTarget, options: PushOptions): Promise<string[]> {
  const sources = await readLayoutDirectory(resolve(context.cwd, what));
  if (to.tag !== undefined && sources.length > 1)
    throw new SlipwayError("usage", `${what} has ${sources.length} images, and one tag names only one.`);
  const pushed: string[] = [];
  for (const source of sources) pushed.push(await to.pushRelease(await readRelease(source), options));
  return pushed;
}
