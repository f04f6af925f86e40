import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import {
  type ImageReference,
  parseReference,
  pushBundle,
  pushRelease,
  type RegistryClient,
  readLayoutDirectory,
  readRelease,
  referenceText,
} from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { pushReport } from "../image/push-report.ts";
import { type RegistryFlags, registryFlags, withRegistry } from "../image/registry-session.ts";
import { json } from "../output/print.ts";
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
      "Puts a bundle of this home into a repository, as it is and under its own digest; with --layout, the images of an OCI image layout. What is " +
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

async function push(context: CliContext, what: string, text: string, flags: PushFlags): Promise<void> {
  const to = parseReference(text);
  if (to.digest !== undefined)
    throw new SlipwayError("usage", "A digest is what comes of a push; name a repository, with a tag if you like.");
  await withRegistry(context, flags, async (client) => {
    const pushed = flags.layout
      ? await pushLayout(context, client, what, to)
      : [await pushStored(context, client, what, to, flags.home)];
    context.stdout.write(flags.output === "json" ? json({ pushed }) : pushed.map((reference) => `${reference}\n`).join(""));
  });
}

async function pushStored(
  context: CliContext,
  client: RegistryClient,
  what: string,
  to: ImageReference,
  home: string | undefined,
) {
  const store = await openBundles(context, resolveHome(context, home));
  const { tag, ...repository } = to;
  const bundle = await store.blobs(await findStoredBundle(store, what));
  const count = await pushBundle(client, repository, bundle, { signal: context.signal, ...(tag === undefined ? {} : { tag }) });
  context.stderr.write(pushReport(referenceText(repository), count));
  return referenceText({ ...repository, digest: bundle.digest });
}

async function pushLayout(context: CliContext, client: RegistryClient, what: string, to: ImageReference): Promise<string[]> {
  const { tag, ...repository } = to;
  const sources = await readLayoutDirectory(resolve(context.cwd, what));
  if (tag !== undefined && sources.length > 1)
    throw new SlipwayError("usage", `${what} has ${sources.length} images, and one tag names only one.`);
  const pushed: string[] = [];
  for (const source of sources) {
    const release = await readRelease(source);
    const count = await pushRelease(client, repository, release, {
      signal: context.signal,
      ...(tag === undefined ? {} : { tag }),
    });
    context.stderr.write(pushReport(referenceText(repository), count));
    pushed.push(referenceText({ ...repository, digest: release.document.digest }));
  }
  return pushed;
}
