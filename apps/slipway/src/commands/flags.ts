import { durationMilliseconds } from "@slipway/spec/values";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Flags of every command that works on a home. */
export interface HomeFlags {
  readonly home?: string;
}

/** Flags of every command that works in a namespace. */
export interface NamespaceFlags extends HomeFlags {
  readonly namespace?: string;
}

/** Flags of every command that works on this machine or in a cluster. */
export interface PlaceFlags extends NamespaceFlags {
  /** A context of the kubeconfig; absent = the platform of the home. */
  readonly context?: string;
}

/** Flags of every command that waits. */
export interface TimeoutFlags {
  /** Milliseconds. */
  readonly timeout: number;
}

/** Adds `--home`. */
export function homeFlag(command: Command): Command {
  return command.option("--home <dir>", "directory of the platform's state (default: $SLIPWAY_HOME, else ~/.slipway)");
}

/** Adds `--home` and `--namespace`. */
export function namespaceFlag(command: Command): Command {
  return homeFlag(command).option("-n, --namespace <name>", "namespace (default: that of the context, else default)");
}

/** Adds `--context`; without it, a command works as `otherwise` says. */
export function contextFlag(command: Command, otherwise: string): Command {
  return command.option(
    "--context <name>",
    `context of the kubeconfig ($KUBECONFIG, else ~/.kube/config); without it: ${otherwise}`,
  );
}

/** Adds `--home`, `--namespace` and `--context`. */
export function placeFlags(command: Command): Command {
  return contextFlag(namespaceFlag(command), "the platform of this machine");
}

/** Adds `--output` with the formats this command has; the first is the default. */
export function outputFlag(command: Command, formats: readonly [string, ...string[]]): Command {
  return command.addOption(new Option("-o, --output <format>", "output format").choices([...formats]).default(formats[0]));
}

/** Adds `--filename`, which may be given several times. */
export function filenameFlag(command: Command, required = true): Command {
  return repeatedOption(
    command,
    "-f, --filename <file>",
    "manifest file or directory, or - for standard input; may be repeated",
    required,
  );
}

/** Adds a flag that may be given several times. */
export function repeatedOption(command: Command, flags: string, description: string, required = false): Command {
  const option = new Option(flags, description).argParser((value: string, all: string[] | undefined) => [...(all ?? []), value]);
  return command.addOption(required ? option.makeOptionMandatory() : option);
}

/** Adds `--timeout`, in Go's duration syntax as in Kubernetes. */
export function timeoutFlag(command: Command, description: string, standard: string): Command {
  const option = new Option("--timeout <duration>", description).argParser(timeout).default(timeout(standard), standard);
  return command.addOption(option);
}

/** A positive duration in milliseconds. */
function timeout(text: string): number {
  const ms = durationMilliseconds(text);
  // A timer of the runtime takes at most 2^31-1 ms, 24.8 days.
  if (ms === undefined || ms <= 0 || ms > 2 ** 31 - 1)
    throw new InvalidArgumentError("Expected a duration such as 60s or 2m30s, up to 24 days.");
  return ms;
}

/** Reads a whole number within bounds, for `argParser`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

/** Appends examples to a command's help; each is a command line and what it does. */
export function examples(command: Command, lines: readonly (readonly [commandLine: string, does: string])[]): Command {
  exampleLines.set(command, lines);
  return command.addHelpText("after", () => `\nExamples:\n${lines.map(([line, does]) => `  # ${does}\n  ${line}\n`).join("")}`);
}

/** The examples of each command, for the reference in the documentation. */
export const exampleLines = new WeakMap<Command, readonly (readonly [string, string])[]>();
