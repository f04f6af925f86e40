import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import { isDigest } from "@slipway/bundle";
import { type Command, InvalidArgumentError } from "commander";
import { buildBundle } from "../documents/build-bundle.ts";
import type { CliContext } from "./context.ts";
import { examples, homeFlag, outputFlag, wholeNumber } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface ServeFlags {
  readonly home?: string;
  readonly port: number;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly output: "text" | "json";
}

/** `slipway serve`. */
export function addServe(program: Command, context: CliContext): void {
  const command = program
    .command("serve")
    .summary("run one replica by itself, with its own port")
    .description(
      "Runs one replica of a bundle with its own listener on 127.0.0.1, for HTTP and gRPC on one port, without control or gateway: for benchmarks and debugging.",
    )
    .argument("<bundle>", "digest of a bundle in the home's store, or a model directory to build first")
    .option("-p, --port <port>", "port on 127.0.0.1; 0 takes any free one", wholeNumber(0, 65_535), 8080)
    .option("--parameter <name=value>", "what a Model says in spec.parameters, e.g. maxBatchSize=1; may be repeated", parameter)
    .option("--tls-cert <file>", "certificate to speak TLS with, PEM; followed when it changes")
    .option("--tls-key <file>", "private key of --tls-cert, PEM")
    .action(async (bundle: string, flags: ServeFlags) => {
      const tls = tlsFiles(context, flags);
      const home = resolveHome(context, flags.home);
      const named = bundle.slice(bundle.indexOf("@") + 1);
      const digest = isDigest(named) ? named : await buildDirectory(context, home, bundle);
      const ready = (url: string, model: string) =>
        context.stdout.write(
          flags.output === "json" ? `${JSON.stringify({ url, model, bundle: digest })}\n` : `${url}/v2/models/${model}\n`,
        );
      const options = { home, port: flags.port, bundle: digest, parameters: flags.parameter ?? {}, ...tls };
      await context.platform.serve(options, ready, context.signal);
    });
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway serve ./digits/v1 --port 8080", "serve a model directory"],
    ["slipway serve ./digits/v1 --tls-cert server.crt --tls-key server.key", "speak TLS, for REST and gRPC"],
    ["slipway serve sha256:… --port 0 -o json", "serve a bundle on any free port and print it"],
  ]);
}

function tlsFiles({ cwd }: CliContext, { tlsCert, tlsKey }: ServeFlags) {
  if (tlsCert === undefined && tlsKey === undefined) return {};
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new SlipwayError("usage", "--tls-cert and --tls-key go together.");
  }
  return { tls: { cert: resolve(cwd, tlsCert), key: resolve(cwd, tlsKey) } };
}

function parameter(text: string, all: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Expected name=value.");
  return { ...all, [text.slice(0, equals)]: text.slice(equals + 1) };
}

async function buildDirectory(context: CliContext, home: string, directory: string): Promise<string> {
  const store = await openBundles(context, home);
  return (await buildBundle(context, store, resolve(context.cwd, directory))).digest;
}
