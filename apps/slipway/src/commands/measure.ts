import { readFileSync } from "node:fs";
import { SlipwayError } from "@slipway/base";
import { type Contract, deriveNeeds, encodeContract, readMachine } from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { fields } from "../output/fields.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag, repeatedOption } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface MeasureFlags extends HomeFlags {
  readonly needCpu?: string[];
  readonly needGpu?: boolean;
  readonly output: "text" | "json";
}

/** `slipway measure`. */
export function addMeasure(program: Command, context: CliContext): void {
  const command = program
    .command("measure")
    .summary("run a bundle once and write down what it needs")
    .description(
      "Starts one replica of a bundle of this home, lets it answer its golden samples, and keeps what that took as the bundle's environment contract: memory, versions " +
        "of what runs it, operator sets, the architecture of its native code, and the CPU features and GPU you name. `plan` says which lines would not be kept; a replica that " +
        "does not get them does not become ready, and says which line differs.",
    )
    .argument("<bundle>", "digest or name of a bundle")
    .option("--need-gpu", "it needs a GPU");
  repeatedOption(command, "--need-cpu <feature>", "CPU feature it needs, as /proc/cpuinfo calls it, e.g. avx2; may be repeated");
  command.action((bundle: string, flags: MeasureFlags) => measure(context, bundle, flags));
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway measure digits", "measure the newest bundle named digits"],
    ["slipway measure digits --need-cpu avx2 --need-cpu fma", "let it run only where the CPU has these"],
  ]);
}

async function measure(context: CliContext, text: string, flags: MeasureFlags): Promise<void> {
  const home = resolveHome(context, flags.home);
  const store = await openBundles(context, home);
  const bundle = await store.open(await findStoredBundle(store, text));
  const machine = readMachine();
  const missing = (flags.needCpu ?? []).filter((feature) => machine.cpuFeatures?.includes(feature) !== true);
  if (missing.length > 0 || (flags.needGpu && machine.gpu !== true)) {
    const what = missing.length > 0 ? `the CPU feature ${missing.join(", ")}` : "a GPU";
    throw new SlipwayError("usage", `This machine does not have ${what}, so nothing measured here would be true of it.`, {
      hint: "Measure on a machine that has it.",
    });
  }
  const memoryBytes = await memoryOfReplica(context, home, bundle.digest);
  const { runnerTable } = await import("@slipway/serve");
  const libraries = (await runnerTable[bundle.manifest.format].offers?.())?.libraries;
  const contract: Contract = {
    needs: {
      ...(await deriveNeeds(bundle)),
      ...(flags.needCpu === undefined ? {} : { cpuFeatures: flags.needCpu }),
      ...(flags.needGpu ? { gpu: true } : {}),
      ...(libraries === undefined ? {} : { libraries }),
      memoryBytes,
    },
    seenOn: { architecture: machine.architecture ?? "", cpuFeatures: machine.cpuFeatures ?? [] },
  };
  await store.referrers.attach(bundle.digest, "contract", Buffer.from(encodeContract(contract)), { replace: true });
  context.stdout.write(flags.output === "json" ? json({ bundle: bundle.digest, ...contract }) : contractText(contract));
}

/** Most memory of this process and what it started, once a replica in it has answered its samples. */
async function memoryOfReplica(context: CliContext, home: string, bundle: string): Promise<number> {
  const done = new AbortController();
  let bytes = 0;
  const ready = () => {
    bytes = mostMemory();
    done.abort();
  };
  const signal = AbortSignal.any([done.signal, context.signal]);
  await context.platform.serve({ home, bundle, port: 0, parameters: {} }, ready, signal);
  if (bytes === 0) throw new SlipwayError("cancelled", "The measurement was ended before the replica was ready.");
  return bytes;
}

function mostMemory(): number {
  const kibibytes = (pid: number) => Number(/^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  const children = (pid: number): number[] => {
    const own = read(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number);
    return own.flatMap((child) => [child, ...children(child)]);
  };
  const started = children(process.pid).reduce((sum, pid) => sum + kibibytes(pid), 0);
  return (process.resourceUsage().maxRSS + started) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A contract for people. */
export function contractText({ needs, seenOn }: Contract): string {
  const { architecture, cpuFeatures, gpu, operatorSets, libraries, memoryBytes } = needs;
  const pairs = (record: Readonly<Record<string, string | number>> | undefined) =>
    record &&
    Object.entries(record)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
  return fields([
    ["architecture", architecture],
    ["CPU features", cpuFeatures?.join(" ")],
    ["GPU", gpu ? "needed" : undefined],
    ["operator sets", pairs(operatorSets)],
    ["libraries", pairs(libraries)],
    ["memory", memoryBytes === undefined ? undefined : `${Math.ceil(memoryBytes / 2 ** 20)} MiB`],
    ["seen on", seenOn.architecture],
  ]);
}
