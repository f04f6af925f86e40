import { type Command, Option } from "commander";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag, wholeNumber } from "./flags.ts";
import { resolveHome } from "./home.ts";
import type { PlatformInfo, UpOptions } from "./platform.ts";

interface UpFlags extends HomeFlags {
  readonly detach?: boolean;
  readonly gatewayPort?: number;
  readonly apiPort?: number;
  readonly output: "text" | "json";
}

/** `slipway up`. */
export function addUp(program: Command, context: CliContext): void {
  const command = program
    .command("up")
    .summary("start the platform on this machine")
    .description(
      "Starts the platform: control API, gateway and control loop. Stays in the foreground until Ctrl-C unless --detach is given.",
    )
    .option("-d, --detach", "start in the background and return when the platform is ready")
    .addOption(portOption("--gateway-port <port>", "port for inference on 127.0.0.1; 0 takes any free one"))
    .addOption(portOption("--api-port <port>", "port of the control API on 127.0.0.1; 0 takes any free one"))
    .action(async (flags: UpFlags) => up(context, flags));
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway up --detach", "start in the background"],
    ["slipway up --detach --gateway-port 0 --api-port 0 -o json", "start on free ports and print them for a script"],
    ["slipway --home ./state up", "keep everything in ./state and stay in the foreground"],
  ]);
}

async function up(context: CliContext, flags: UpFlags): Promise<void> {
  const options: UpOptions = {
    home: resolveHome(context, flags.home),
    ...(flags.gatewayPort === undefined ? {} : { gatewayPort: flags.gatewayPort }),
    ...(flags.apiPort === undefined ? {} : { apiPort: flags.apiPort }),
  };
  const ready = (info: PlatformInfo) => {
    const { gateway, api, kubeconfig } = info;
    context.stdout.write(
      flags.output === "json" ? `${JSON.stringify({ gateway, api, kubeconfig, pid: info.pid })}\n` : readyText(info),
    );
  };
  if (flags.detach) {
    ready(await context.platform.startDetached(options, context.signal));
    return;
  }
  await context.platform.up(
    options,
    (info) => {
      ready(info);
      if (flags.output === "text") context.stderr.write("Press Ctrl-C to stop.\n");
    },
    context.signal,
  );
}

function readyText(info: PlatformInfo): string {
  return [`gateway     ${info.gateway}`, `api         ${info.api}`, `kubeconfig  ${info.kubeconfig}`, ""].join("\n");
}

function portOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(wholeNumber(0, 65_535));
}
