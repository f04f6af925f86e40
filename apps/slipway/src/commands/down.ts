import type { Command } from "commander";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";

/** `slipway down`. */
export function addDown(program: Command, context: CliContext): void {
  const command = program
    .command("down")
    .summary("stop the platform and everything it started")
    .description(
      "Stops the platform of this home and waits until every process it started has ended. Resources stay and come back with the next `slipway up`.",
    )
    .action(async (flags: HomeFlags & { readonly output: "text" | "json" }) => {
      const home = resolveHome(context, flags.home);
      const stopped = await context.platform.down(home, context.signal);
      if (flags.output === "json") context.stdout.write(`${JSON.stringify({ home, stopped })}\n`);
      context.stderr.write(stopped ? `Stopped the platform of ${home}.\n` : `No platform runs in ${home}; nothing to stop.\n`);
    });
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway down", "stop the platform of ~/.slipway"],
    ["slipway down --home ./state", "stop the one of another home"],
  ]);
}
