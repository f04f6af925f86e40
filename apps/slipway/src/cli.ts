import { SlipwayError } from "@slipway/base";
import { Command, CommanderError } from "commander";
import { type CliContext, Interrupted, OutputClosed } from "./commands/context.ts";
import { globalFlags } from "./commands/global-flags.ts";
import { nowhere } from "./commands/nowhere.ts";
import { loadCommands } from "./load-commands.ts";
import { errorJson, errorText, presentable } from "./output/render-error.ts";
import { painter } from "./output/style.ts";

export { cliReference } from "./output/cli-reference.ts";

/** The commands and flags that a command line can mean: its own, or all when it names none. Nothing runs until it is parsed; without a context only the help can be read. */
export async function createProgram(context: CliContext = nowhere): Promise<Command> {
  const program = new Command("slipway")
    .description("Deploys machine-learning models from one declarative file.")
    .version(context.platform.version, "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Errors are thrown and shown in one place, `runCli`.
      outputError: () => {},
      getOutHelpWidth: () => helpWidth(context.stdout.columns),
      getErrHelpWidth: () => helpWidth(context.stderr.columns),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  globalFlags(program);
  for (const add of await loadCommands(commandWord(program, context.args))) add(program, context);
  return program;
}

/** The first word that is neither a flag nor the value of one that may stand before the command. */
function commandWord(program: Command, args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index]!;
    if (!word.startsWith("-")) return word;
    if (program.options.some((option) => option.required && (option.short === word || option.long === word))) index += 1;
  }
  return undefined;
}

/** Runs one command line and gives the exit code. Never throws; says what went wrong on standard error. */
export async function runCli(context: CliContext): Promise<number> {
  const program = await createProgram(context);
  try {
    await program.parseAsync([...context.args], { from: "user" });
    const { reason } = context.signal;
    // A service that was asked to end and did so is done; only Ctrl-C always shows.
    return reason instanceof Interrupted && reason.signalName === "SIGINT" ? reason.exitCode : context.outcome.exitCode;
  } catch (caught) {
    const interrupted = interruption(context.signal);
    if (interrupted !== undefined) return interrupted;
    if (caught instanceof CommanderError) {
      if (caught.exitCode === 0) return 0;
      // Without any command, commander has written the help.
      if (caught.code === "commander.help") return 2;
    }
    const error = caught instanceof CommanderError ? usageError(caught, program, context) : presentable(caught);
    context.stderr.write(wantsJson(context.args) ? errorJson(error) : errorText(error, painter(context, context.stderr)));
    if ((context.env.SLIPWAY_DEBUG ?? "") !== "" && caught instanceof Error) context.stderr.write(stack(caught));
    return error.exitCode;
  }
}

/** The exit code when the process was asked to end, whatever the command made of it. */
function interruption(signal: AbortSignal): number | undefined {
  if (signal.reason instanceof Interrupted) return signal.reason.exitCode;
  return signal.reason instanceof OutputClosed ? 0 : undefined;
}

function usageError(error: CommanderError, program: Command, context: CliContext): SlipwayError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = rest
    .map((line) => line.replace(/^\((.*)\)$/, "$1"))
    .filter((line) => line !== "")
    .join(" ");
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?]$/.test(first) ? "" : "."}`;
  const command = program.commands.find((other) => context.args.includes(other.name()))?.name();
  return new SlipwayError("usage", message, {
    hint: suggestion !== "" ? suggestion : `See \`slipway ${command === undefined ? "" : `${command} `}--help\`.`,
  });
}

/** Whether the command line asks for JSON, read without commander because it may be what commander refuses. */
function wantsJson(args: readonly string[]): boolean {
  return args.some((word, index) => {
    if (word === "-ojson" || word === "-o=json" || word === "--output=json") return true;
    return (word === "-o" || word === "--output") && args[index + 1] === "json";
  });
}

/** A terminal may be one column wide; help below 40 would be one word per line. */
function helpWidth(columns: number | undefined): number {
  return Math.max(40, columns ?? 100);
}

function stack(error: Error): string {
  const cause = error.cause instanceof Error ? `caused by ${stack(error.cause)}` : "";
  return `${error.stack ?? error.message}\n${cause}`;
}
