import type { Command } from "commander";
import { json } from "../output/json.ts";
import { plainText } from "../output/plain-text.ts";
import { painter, type Tone } from "../output/style.ts";
import type { Check } from "./check.ts";
import { clusterWork } from "./cluster-work.ts";
import type { CliContext } from "./context.ts";
import { contextFlag, examples, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { limitChecks } from "./limit-checks.ts";
import { machineChecks } from "./machine-checks.ts";
import { clusterPlace } from "./place.ts";
import { platformChecks } from "./platform-checks.ts";
import { runtimeCheck } from "./runtime-check.ts";

interface DoctorFlags {
  readonly home?: string;
  readonly context?: string;
  readonly output: "text" | "json";
}

/** `slipway doctor`. */
export function addDoctor(program: Command, context: CliContext): void {
  const command = program
    .command("doctor")
    .summary("check this machine and the platform, or a cluster")
    .description(
      "Checks what Slipway needs of this machine, what it cannot give here, and the state of the platform. With --context, what it needs of that " +
        "cluster, before and after an installation, and whether the installation works. Exit code 1 when a check fails.",
    )
    .action(async (flags: DoctorFlags) => {
      const { where, checks } = flags.context === undefined ? await ofMachine(context, flags) : await ofCluster(context, flags);
      context.stdout.write(flags.output === "json" ? json({ ...where, checks }) : checksText(context, checks));
      if (checks.some((check) => check.state === "fail")) context.outcome.exitCode = 1;
    });
  outputFlag(contextFlag(homeFlag(command), "this machine"), ["text", "json"]);
  examples(command, [
    ["slipway doctor", "see what is wrong, and the way out"],
    ["slipway doctor --context prod", "see whether Slipway can be installed in a cluster, or whether it works there"],
  ]);
}

interface Findings {
  readonly where: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
}

/** What is not known of a cluster by then is not worth waiting for, milliseconds. */
const longestMs = 60_000;

async function ofMachine(context: CliContext, flags: DoctorFlags): Promise<Findings> {
  const home = resolveHome(context, flags.home);
  const checks = [
    ...(await machineChecks(home)),
    ...(await platformChecks(context, home)),
    await runtimeCheck(),
    ...limitChecks(context),
  ];
  return { where: { home }, checks };
}

async function ofCluster(context: CliContext, flags: DoctorFlags): Promise<Findings> {
  const place = await clusterPlace(context, flags);
  const { checkCluster } = await import("@slipway/kubernetes");
  const { version } = context.platform;
  const checks = await clusterWork(context, place, longestMs, (objects) => checkCluster({ objects, version }));
  return { where: { context: place.context }, checks };
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
