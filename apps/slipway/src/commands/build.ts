import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import { type Bundle, isSourceUri } from "@slipway/bundle";
import type { TensorSpec } from "@slipway/spec";
import type { Command } from "commander";
import { buildBundle } from "../documents/build-bundle.ts";
import { type BuiltManifest, buildSources } from "../manifest/build-sources.ts";
import { digestForm } from "../manifest/digest-form.ts";
import { readManifests } from "../manifest/read-manifests.ts";
import { validateManifests } from "../manifest/validate-manifests.ts";
import { json } from "../output/json.ts";
import { yaml } from "../output/yaml.ts";
import { buildSource } from "../sources/build-source.ts";
import { carryKnown } from "../trust/carry-known.ts";
import type { CliContext } from "./context.ts";
import { defaultName } from "./default-name.ts";
import { examples, filenameFlag, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { objectName } from "./kind-argument.ts";
import { openBundles } from "./open-bundles.ts";

interface BuildFlags {
  readonly home?: string;
  readonly filename?: string[];
  readonly name?: string;
  readonly output: "text" | "json" | "yaml" | "name";
}

/** `slipway build`. */
export function addBuild(program: Command, context: CliContext): void {
  const command = program
    .command("build")
    .summary("make a bundle from a model directory")
    .description(
      "Makes an immutable bundle from a model directory (model.onnx and samples/*.json) and prints its digest. With -f, builds what the " +
        "manifest names by source.path or source.uri and prints the manifest with digests in their place, as kubectl takes it.",
    )
    .argument("[dir]", "model directory, or where one is: oci:, file:, https:, s3:, hf: or mlflow:")
    .option("--name <name>", "name for people, kept beside the digest (default: the directory's)")
    .action(async (dir: string | undefined, flags: BuildFlags) => build(context, dir, flags));
  outputFlag(homeFlag(filenameFlag(command, false)), ["text", "json", "yaml", "name"]);
  examples(command, [
    ["slipway build ./digits/v1", "build a directory and show what is in the bundle"],
    ["slipway build ./digits/v1 -o json", 'print {"digest": …} for a script'],
    ["slipway build -f model.yaml -o yaml | kubectl apply -f -", "print the manifest with the digest in place of the path"],
  ]);
}

async function build(context: CliContext, dir: string | undefined, flags: BuildFlags): Promise<void> {
  if ((dir === undefined) === (flags.filename === undefined)) {
    throw new SlipwayError("usage", "Name either a model directory or, with -f, a manifest.", {
      hint: "See `slipway build --help`.",
    });
  }
  const store = await openBundles(context, resolveHome(context, flags.home));
  if (dir !== undefined) {
    const remote = isSourceUri(dir);
    const directory = resolve(context.cwd, dir);
    const name = flags.name ?? defaultName(remote ? dir.replace(/\/+$/, "") : directory);
    const options = name === undefined ? {} : { name };
    const bundle = await (remote
      ? buildSource(context, store, dir, context.cwd, options)
      : buildBundle(context, store, directory, options));
    context.stdout.write(bundleText(bundle, flags.output));
    return;
  }
  if (flags.name !== undefined) throw new SlipwayError("usage", "--name goes with a directory; with -f the name is the Model's.");
  const manifests = validateManifests(await readManifests(context, flags.filename ?? []));
  const built = await carryKnown(await buildSources(context, manifests, store), store);
  context.stdout.write(manifestText(built, flags.output));
}

function bundleText(bundle: Bundle, output: BuildFlags["output"]): string {
  const { digest, format, size, samples, files } = bundle.manifest;
  const facts = { digest, format, size, samples: samples.length, ...formatFacts(bundle.manifest) };
  if (output === "json") return json(facts);
  if (output === "yaml") return yaml(facts);
  if (output === "name") return `${digest}\n`;
  return [
    `digest   ${digest}`,
    `size     ${size} bytes in ${files.length} files`,
    ...formatLines(bundle.manifest),
    `samples  ${samples.length}`,
    "",
  ].join("\n");
}

/** What is said of one format only. */
function formatFacts(manifest: Bundle["manifest"]) {
  if (manifest.format === "onnx") return { signature: manifest.signature, opsets: manifest.opsets };
  if (manifest.format === "python") return { signature: manifest.signature, environment: manifest.environment };
  const { architecture, contextLength, embeddingLength, task, chat } = manifest;
  return { architecture, contextLength, embeddingLength, task, chat };
}

/** The same for people. */
function formatLines(manifest: Bundle["manifest"]): string[] {
  if (manifest.format !== "llama") {
    const { signature } = manifest;
    const tensors = (role: "inputs" | "outputs") =>
      signature === undefined ? "what the model says when it is loaded" : tensorList(signature[role]);
    return [
      ...(manifest.format === "python" ? [`python   ${manifest.environment.python} on ${manifest.environment.platform}`] : []),
      `inputs   ${tensors("inputs")}`,
      `outputs  ${tensors("outputs")}`,
    ];
  }
  const { architecture, contextLength, task, chat } = manifest;
  const does = task === "embed" ? "embeddings" : chat ? "chat and text" : "text, without a chat template";
  return [`model    ${architecture}, trained for ${contextLength} tokens`, `serves   ${does}`];
}

function tensorList(tensors: readonly TensorSpec[]): string {
  return tensors.map((tensor) => `${tensor.name} ${tensor.datatype}[${tensor.shape.join(",")}]`).join(", ");
}

function manifestText(built: readonly BuiltManifest[], format: BuildFlags["output"]): string {
  if (format === "json" || format === "yaml") return digestForm(built, format);
  if (format === "name") return built.flatMap((entry) => (entry.bundle === undefined ? [] : `${entry.bundle.digest}\n`)).join("");
  return built
    .filter((entry) => entry.bundle !== undefined)
    .map((entry) => `${objectName(entry.kind, entry.configuration.metadata.name)} ${entry.bundle?.digest}\n`)
    .join("");
}
