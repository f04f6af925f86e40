import { SlipwayError } from "@slipway/base";
import type { Inference } from "@slipway/client";
import type { Command } from "commander";
import { readBytes } from "../manifest/read-manifests.ts";
import { clusterInference } from "./cluster-inference.ts";
import type { CliContext } from "./context.ts";
import { examples, outputFlag, type PlaceFlags, placeFlags } from "./flags.ts";
import { readPlace } from "./place.ts";
import { withSession } from "./session.ts";

interface PredictFlags extends PlaceFlags {
  readonly gateway?: string;
  readonly apiKey?: string;
  readonly filename: string;
  readonly revision?: string;
}

/** Most bytes of a request that the command reads; the gateway has its own, lower limit. */
const mostBytes = 256 * 1024 * 1024;

/** `slipway predict`. */
export function addPredict(program: Command, context: CliContext): void {
  const command = program
    .command("predict")
    .summary("send one request to a model")
    .description(
      "Sends an Open Inference Protocol v2 request body to a model through the gateway and prints the answer as it came.",
    )
    .argument("<name>", "model")
    .requiredOption("-f, --filename <file>", "JSON file with the request body, or - for standard input")
    .option("--revision <name>", "ask this revision, whatever the traffic split")
    .option("--gateway <url>", "in a cluster: where its gateway is reached, e.g. http://127.0.0.1:7878 through a port-forward")
    .option("--api-key <key>", "in a cluster: an API key or a Kubernetes token (default: $SLIPWAY_API_KEY)")
    .action(async (model: string, flags: PredictFlags) => {
      const body = new Uint8Array(await readBytes(context, flags.filename, mostBytes));
      const place = await readPlace(context, flags);
      const target = {
        model,
        namespace: place.namespace,
        ...(flags.revision === undefined ? {} : { revision: flags.revision }),
      };
      const predict = async (inference: Inference) => {
        const answer = await inference.predict(target, body, context.signal);
        context.stdout.write(answer.endsWith("\n") ? answer : `${answer}\n`);
      };
      if (place.type === "cluster") return clusterInference(context, flags, predict);
      if (flags.gateway !== undefined || flags.apiKey !== undefined)
        throw new SlipwayError("usage", "--gateway and --api-key are for a cluster, and no --context is given.");
      await withSession(context, place, ({ inference }) => predict(inference!));
    });
  outputFlag(placeFlags(command), ["json"]);
  examples(command, [
    ["slipway predict digits -f request.json", "send a request from a file"],
    ["make-request | slipway predict digits -f - --revision digits-1a2b3c4d5e", "from standard input, to one revision"],
    [
      "slipway predict digits -f request.json --context prod --gateway http://127.0.0.1:7878",
      "in a cluster, through `kubectl -n slipway-system port-forward service/slipway-gateway 7878:80`; the key is in SLIPWAY_API_KEY",
    ],
  ]);
}
