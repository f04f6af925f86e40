import { SlipwayError } from "@slipway/base";
import type { InstallSettings, KubernetesObject } from "@slipway/kubernetes";
import type { Command } from "commander";
import { json } from "../output/json.ts";
import { yaml } from "../output/yaml.ts";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import { contextFlag, examples, outputFlag, repeatedOption, timeoutFlag } from "./flags.ts";
import { clusterPlace } from "./place.ts";

interface InstallFlags {
  readonly context?: string;
  readonly image?: string;
  readonly namespace: string;
  readonly modelNamespace?: string[];
  readonly closeNamespace?: string[];
  readonly host?: string[];
  readonly parentGateway?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly timeout: number;
  readonly output: "text" | "yaml" | "json";
}

/** `slipway install`. */
export function addInstall(program: Command, context: CliContext): void {
  const command = program
    .command("install")
    .summary("install Slipway in a cluster, or upgrade it")
    .description(
      "Makes a cluster run Slipway: its kinds, two operators, two gateways, and the rights they need, and waits until it works. Doing it again " +
        "with another image or other flags is the upgrade, and restarts no model; what no flag names stays as it is. " +
        "A namespace that is not there is made with the restricted Pod Security Standard; one that is there is left as it is.",
    )
    .option(
      "--image <image>",
      "image of the platform, by digest: REPOSITORY@sha256:… (default: $SLIPWAY_RUNTIME_IMAGE, else the one installed)",
    )
    .option("-n, --namespace <name>", "namespace of the platform's own pods", "slipway-system");
  repeatedOption(
    command,
    "--model-namespace <name>",
    "namespace whose Models may run, beside those that were opened before; may be repeated (default: default)",
  );
  repeatedOption(command, "--close-namespace <name>", "namespace whose Models may not run any more; may be repeated");
  repeatedOption(
    command,
    "--host <name>",
    "host name the gateways answer for, beside those of their Service; may be repeated; an empty text: none",
  );
  command
    .option(
      "--parent-gateway <namespace/name>",
      "Gateway (of the Gateway API) that shall lead to Slipway's gateways; an empty text: none",
    )
    .option("--force", "take over fields that somebody changed by hand")
    .option("--dry-run", "print what would be applied; needs no cluster")
    .action((flags: InstallFlags) => install(context, flags));
  timeoutFlag(command, "how long it may take until everything works", "5m");
  outputFlag(contextFlag(command, "the current context"), ["text", "yaml", "json"]);
  examples(command, [
    ["slipway install --image registry.example/slipway@sha256:…", "install into the cluster of the current context"],
    [
      "slipway install --context prod --image registry.example/slipway@sha256:… --model-namespace vision --model-namespace speech --host models.example.com",
      "let Models run in two namespaces, and answer for a name",
    ],
    ["slipway install --context prod --model-namespace audio", "open one more namespace; all else stays"],
    ["slipway install --image registry.example/slipway@sha256:… --dry-run -o yaml", "see everything first, or keep it in git"],
  ]);
}

async function install(context: CliContext, flags: InstallFlags): Promise<void> {
  if (flags.output !== "text" && !flags.dryRun)
    throw new SlipwayError("usage", `-o ${flags.output} prints what --dry-run would apply; say both.`);
  const { applyInstall, installedSettings, objectTitle, renderInstall } = await import("@slipway/kubernetes");
  if (flags.dryRun) return printObjects(context, renderInstall(settingsOf(context, flags, undefined)), flags.output);
  const place = await clusterPlace(context, flags);
  await clusterWork(context, place, flags.timeout, async (objects) => {
    const settings = settingsOf(context, flags, await installedSettings(objects));
    await applyInstall(objects, settings, {
      force: flags.force === true,
      report: (object, outcome) => context.stdout.write(`${objectTitle(object)} ${outcome}\n`),
      say: (text) => context.stderr.write(`${text}\n`),
    });
  });
  context.stderr.write(
    `Slipway ${context.platform.version} works in ${place.context}. A key for inference: \`slipway key create NAME\`.\n`,
  );
}

/** What the flags say, and where they say nothing what is installed. */
function settingsOf(context: CliContext, flags: InstallFlags, installed: InstallSettings | undefined): InstallSettings {
  const { version } = context.platform;
  const { namespace, host, parentGateway } = flags;
  // What is in another namespace is another installation, which is refused where that is known.
  const before = installed?.namespace === namespace ? installed : undefined;
  const opened = [...(flags.modelNamespace ?? []), ...(before?.modelNamespaces ?? [])];
  const open = opened.length === 0 && before === undefined ? ["default"] : opened;
  const parent = parentGateway === undefined ? before?.parentGateway : gatewayReference(parentGateway);
  return {
    image: imageOf(context, flags, before),
    version,
    namespace,
    modelNamespaces: open.filter((name) => !flags.closeNamespace?.includes(name)),
    hosts: host?.filter((name) => name !== "") ?? before?.hosts ?? [],
    ...(parent && { parentGateway: parent }),
  };
}

function imageOf(context: CliContext, flags: InstallFlags, before: InstallSettings | undefined): string {
  const named = flags.image ?? (context.env.SLIPWAY_RUNTIME_IMAGE || undefined);
  if (named !== undefined) return named;
  const hint = "`slipway runtime-image --to REPOSITORY` makes and pushes it, and prints what --image takes.";
  const { version } = context.platform;
  if (before === undefined) throw new SlipwayError("usage", "It is not said which image the platform shall run.", { hint });
  if (before.version === version) return before.image;
  const message = `The image that is installed is of version ${before.version}, and this command of ${version}: name an image of it.`;
  throw new SlipwayError("usage", message, { hint });
}

function gatewayReference(text: string): { namespace: string; name: string } | undefined {
  if (text === "") return undefined;
  const [namespace = "", name = "", ...more] = text.split("/");
  if (namespace !== "" && name !== "" && more.length === 0) return { namespace, name };
  throw new SlipwayError("usage", `--parent-gateway ${JSON.stringify(text)} does not name a Gateway.`, {
    hint: "Expected NAMESPACE/NAME, as `kubectl get gateways -A` lists them.",
  });
}

function printObjects(context: CliContext, objects: readonly KubernetesObject[], output: InstallFlags["output"]): void {
  if (output === "json") context.stdout.write(json({ apiVersion: "v1", kind: "List", items: objects }));
  else context.stdout.write(objects.map((object) => yaml(object)).join("---\n"));
}
