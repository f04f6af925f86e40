import { SlipwayError } from "@slipway/base";
import type { ClusterObjects } from "@slipway/kubernetes";
import { humanDuration } from "@slipway/spec";
import { Argument, type Command } from "commander";
import { json } from "../output/json.ts";
import { table } from "../output/table.ts";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import { contextFlag, examples, outputFlag, repeatedOption } from "./flags.ts";
import { clusterPlace } from "./place.ts";

interface KeyFlags {
  readonly context?: string;
  readonly model?: string[];
  readonly output: "text" | "json";
}

type Action = "create" | "list" | "revoke";

/** A call of an administrator takes no longer than this, milliseconds. */
const longestMs = 60_000;

/** `slipway key`. */
export function addKey(program: Command, context: CliContext): void {
  const command = program
    .command("key")
    .summary("make, list and revoke keys for inference in a cluster")
    .description(
      "Keeps the API keys that the gateways of a cluster take. `create` prints a key once; only its hash is kept. A new key counts, and a revoked one ends, " +
        "within about a second.",
    )
    .addArgument(new Argument("<action>", "what to do").choices(["create", "list", "revoke"]))
    .argument("[name]", "name of the key")
    .action((action: Action, name: string | undefined, flags: KeyFlags) => key(context, action, name, flags));
  repeatedOption(
    command,
    "--model <namespace/model>",
    "with create: only for this Model, or NAMESPACE/* for those of a namespace; may be repeated",
  );
  outputFlag(contextFlag(command, "the current context"), ["text", "json"]);
  examples(command, [
    ["slipway key create web-shop --model vision/digits", "a key for one Model; keep what is printed"],
    ["slipway key list", "names, Models and ages"],
    ["slipway key revoke web-shop", "end it"],
  ]);
}

async function key(context: CliContext, action: Action, name: string | undefined, flags: KeyFlags): Promise<void> {
  if (action === "list" ? name !== undefined : name === undefined)
    throw new SlipwayError("usage", action === "list" ? "`slipway key list` takes no name." : "Which key? Name it.");
  if (action !== "create" && flags.model !== undefined)
    throw new SlipwayError("usage", "--model goes with `slipway key create` only.");
  const place = await clusterPlace(context, flags);
  const kubernetes = await import("@slipway/kubernetes");
  await clusterWork(context, place, longestMs, async (objects) => {
    const namespace = await systemNamespace(objects, place.context);
    if (action === "list") return list(context, await kubernetes.listApiKeys(objects, namespace), flags);
    if (action === "revoke") {
      await kubernetes.revokeApiKey(objects, namespace, name!);
      return context.stdout.write(flags.output === "json" ? json({ name }) : `key/${name} revoked\n`);
    }
    const models = flags.model;
    const made = await kubernetes.createApiKey(objects, namespace, { name: name!, ...(models === undefined ? {} : { models }) });
    context.stdout.write(flags.output === "json" ? json({ name, key: made, ...(models && { models }) }) : `${made}\n`);
    if (flags.output === "text") context.stderr.write("Keep it: it is not shown again.\n");
  });
}

async function systemNamespace(objects: ClusterObjects, contextName: string): Promise<string> {
  const { findInstallation } = await import("@slipway/kubernetes");
  const found = await findInstallation(objects);
  if (found !== undefined) return found.namespace;
  throw new SlipwayError("notFound", `Slipway is not installed in the cluster of context ${contextName}.`, {
    hint: `Install it: \`slipway install --context ${contextName} --image REPOSITORY@sha256:…\`.`,
  });
}

function list(
  context: CliContext,
  keys: ReadonlyMap<string, { readonly models?: readonly string[]; readonly created?: string }>,
  flags: KeyFlags,
): void {
  const all = [...keys].map(([name, { models, created }]) => ({ name, ...(models && { models }), ...(created && { created }) }));
  if (flags.output === "json") context.stdout.write(json({ keys: all }));
  else if (all.length === 0) context.stderr.write("There are no keys.\n");
  else {
    const rows = all.map(({ name, models, created }) => [
      name,
      models?.join(",") ?? "all",
      created === undefined ? "-" : humanDuration(context.clock.now() - Date.parse(created)),
    ]);
    context.stdout.write(table(["NAME", "MODELS", "AGE"], rows));
  }
}
