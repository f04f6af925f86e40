import { SlipwayError } from "@slipway/base";
import type { KubernetesObject, renderModel as RenderModel } from "@slipway/kubernetes";
import { type Model, parse, revisionName } from "@slipway/spec";
import { Argument, type Command } from "commander";
import type { BuiltManifest } from "../manifest/build-sources.ts";
import { json } from "../output/json.ts";
import { yaml } from "../output/yaml.ts";
import type { CliContext } from "./context.ts";
import { examples, filenameFlag, type NamespaceFlags, namespaceFlag, outputFlag } from "./flags.ts";
import { imagesOf } from "./images-of.ts";
import { openManifests } from "./open-manifests.ts";
import { readPlace } from "./place.ts";

interface ExportFlags extends NamespaceFlags {
  readonly filename: string[];
  readonly image?: string[];
  readonly output: "yaml" | "json";
}

/** Where the platform's own pods run in a cluster. */
const systemNamespace = "slipway-system";

/** `slipway export`. */
export function addExport(program: Command, context: CliContext): void {
  const command = program
    .command("export")
    .summary("print the Kubernetes objects of a Model")
    .description(
      "Builds what the manifests name and prints the objects by which each Model's revision runs in a cluster, exactly as they are applied " +
        "there but for their owners, which only a cluster knows. Needs neither a cluster nor a running platform.",
    )
    .addArgument(new Argument("<format>", "what to export to").choices(["k8s"]))
    .option(
      "--image <[model=]image>",
      "image with the runtime and the Model's bundle, by digest, unless spec.source.image names it; with several Models, repeated as MODEL=IMAGE",
      (value: string, all: string[] | undefined) => [...(all ?? []), value],
    )
    .action(async (_format: string, flags: ExportFlags) => {
      const { renderModel } = await import("@slipway/kubernetes");
      const manifests = await openManifests(context, { flags, place: await readPlace(context, flags), push: false });
      const models = manifests.filter((entry) => entry.kind === "Model").map(modelOf);
      if (models.length === 0) throw new SlipwayError("invalid", "There is no Model in what -f names; nothing can be exported.");
      const objects = withImages(models, flags.image ?? []).flatMap((model) => render(model, renderModel));
      for (const { kind, configuration } of manifests.filter((entry) => entry.kind !== "Model"))
        context.stderr.write(`${kind} ${configuration.metadata.name} is applied as it is, and not printed again.\n`);
      context.stdout.write(
        flags.output === "json" ? json({ apiVersion: "v1", kind: "List", items: objects }) : documents(objects),
      );
    });
  outputFlag(namespaceFlag(filenameFlag(command)), ["yaml", "json"]);
  examples(command, [
    ["slipway export k8s -f model.yaml --image registry.example/digits@sha256:…", "see everything a Model becomes in a cluster"],
    [
      "slipway export k8s -f models/ --image digits=registry.example/digits@sha256:… --image letters=registry.example/letters@sha256:…",
      "the same for several Models",
    ],
  ]);
}

/** Each Model with the image it runs: its own, or that of `--image`. */
function withImages(models: readonly Model[], flags: readonly string[]): Model[] {
  const unnamed = models.filter((model) => model.spec.source.image === undefined);
  const images = imagesOf(
    unnamed.map((model) => model.metadata.name),
    flags,
  );
  return models.map((model) => {
    const image = model.spec.source.image ?? images.get(model.metadata.name)!;
    return { ...model, spec: { ...model.spec, source: { ...model.spec.source, image } } };
  });
}

function render(model: Model, renderModel: typeof RenderModel): KubernetesObject[] {
  const name = revisionName(model);
  const other = (model.spec.traffic ?? []).find((target) => target.revision !== name);
  if (other !== undefined) {
    throw new SlipwayError(
      "invalid",
      `Model ${model.metadata.name} sends requests to ${other.revision}, and the file describes ${name}: only a cluster knows other revisions.`,
      { hint: "Leave out spec.traffic." },
    );
  }
  return renderModel(model, { systemNamespace });
}

function modelOf({ configuration }: BuiltManifest): Model {
  const parsed = parse("Model", configuration, { source: "api" });
  if (parsed.ok) return parsed.value;
  throw new SlipwayError("invalid", `Model ${configuration.metadata.name} is invalid.`, { problems: parsed.problems });
}

function documents(objects: readonly KubernetesObject[]): string {
  return objects.map((object) => yaml(object)).join("---\n");
}
