import { resolve } from "node:path";
import { isDigest } from "@slipway/bundle";
import { type Command, InvalidArgumentError } from "commander";
import type { CliContext } from "./context.ts";
import { examples, homeFlag, outputFlag, wholeNumber } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface ServeFlags {
  readonly home?: string;
  readonly port: number;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly output: "text" | "json";
}

/** `slipway serve`. */
export function addServe(program: Command, context: CliContext): void {
  const command = program
    .command("serve")
    .summary("run one replica by itself, with its own port")
    .description(
      "Runs one replica of a bundle with its own HTTP listener on 127.0.0.1, without control or gateway: for benchmarks and debugging.",
    )
    .argument("<bundle>", "digest of a bundle in the home's store, or a model directory to build first")
    .option("-p, --port <port>", "port on 127.0.0.1; 0 takes any free one", wholeNumber(0, 65_535), 8080)
    .option("--parameter <name=value>", "what a Model says in spec.parameters, e.g. maxBatchSize=1; may be repeated", parameter)
    .action(async (bundle: string, flags: ServeFlags) => {
      const home = resolveHome(context, flags.home);
      const named = bundle.slice(bundle.indexOf("@") + 1);
      const digest = isDigest(named) ? named : await buildDirectory(context, home, bundle);
      const ready = (url: string, model: string) =>
        context.stdout.write(
          flags.output === "json" ? `${JSON.stringify({ url, model, bundle: digest })}\n` : `${url}/v2/models/${model}\n`,
        );
      const options = { home, port: flags.port, bundle: digest, parameters: flags.parameter ?? {} };
      await context.platform.serve(options, ready, context.signal);
    });
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway serve ./digits/v1 --port 8080", "serve a model directory"],
    ["slipway serve sha256:… --port 0 -o json", "serve a bundle on any free port and print it"],
  ]);
}

function parameter(text: string, all: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Expected name=value.");
  return { ...all, [text.slice(0, equals)]: text.slice(equals + 1) };
}

async function buildDirectory(context: CliContext, home: string, directory: string): Promise<string> {
  const store = await openBundles(context, home);
  return (await store.build(resolve(context.cwd, directory), { signal: context.signal })).digest;
}
