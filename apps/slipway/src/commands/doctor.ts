import type { Command } from "commander";
import { plainText } from "../output/plain-text.ts";
import { json } from "../output/print.ts";
import { painter, type Tone } from "../output/style.ts";
import type { Check } from "./check.ts";
import type { CliContext } from "./context.ts";
import { examples, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { limitChecks } from "./limit-checks.ts";
import { machineChecks } from "./machine-checks.ts";
import { platformChecks } from "./platform-checks.ts";
import { runtimeCheck } from "./runtime-check.ts";

interface DoctorFlags {
  readonly home?: string;
  readonly output: "text" | "json";
}

/** `slipway doctor`. */
export function addDoctor(program: Command, context: CliContext): void {
  const command = program
    .command("doctor")
    .summary("check this machine and the platform")
    .description(
      "Checks what Slipway needs of this machine, what it cannot give here, and the state of the platform. Exit code 1 when a check fails.",
    )
    .action(async (flags: DoctorFlags) => {
      const home = resolveHome(context, flags.home);
      const checks = [
        ...(await machineChecks(home)),
        ...(await platformChecks(context, home)),
        await runtimeCheck(),
        ...limitChecks(context),
      ];
      context.stdout.write(flags.output === "json" ? json({ home, checks }) : checksText(context, checks));
      if (checks.some((check) => check.state === "fail")) context.outcome.exitCode = 1;
    });
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [["slipway doctor", "see what is wrong, and the way out"]]);
}

const tones: Record<Check["state"], Tone> = { ok: "good", warn: "warn", fail: "bad" };

function checksText(context: CliContext, checks: readonly Check[]): string {
  const paint = painter(context, context.stdout);
  const width = Math.max(...checks.map((check) => check.name.length));
  return checks
    .map((check) => {
      const line = `${paint(tones[check.state], check.state.padEnd(4))}  ${check.name.padEnd(width)}  ${plainText(check.detail)}\n`;
      return check.hint === undefined ? line : `${line}${" ".repeat(width + 8)}${paint("dim", plainText(check.hint))}\n`;
    })
    .join("");
}
