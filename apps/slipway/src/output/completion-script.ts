import { kinds } from "@slipway/spec";
import type { Argument, Command, Option } from "commander";

/** Shells there is a completion script for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** One of {@link shells}. */
export type Shell = (typeof shells)[number];

/** What may stand in a place of the command line. */
type Slot =
  | { readonly type: "words"; readonly words: readonly string[] }
  /** Names of objects, asked of the running platform; without a kind, of the kind that is the first argument. */
  | { readonly type: "names"; readonly kind?: string }
  | { readonly type: "files" }
  | { readonly type: "free" };

/** The completion script of one shell, generated from the commands there are. */
export function completionScript(program: Command, shell: Shell): string {
  if (shell === "fish") return fishScript(program);
  const script = bashScript(program);
  return shell === "bash" ? script : `autoload -Uz bashcompinit && bashcompinit\n${script}`;
}

function visible(program: Command): readonly Command[] {
  const help = program.createHelp();
  return help.visibleCommands(program).filter((command) => command.name() !== "help");
}

function argumentSlot(argument: Argument, index: number): Slot {
  if (argument.argChoices !== undefined) return { type: "words", words: argument.argChoices };
  const name = argument.name();
  if (name === "kind") {
    const plurals = Object.values(kinds).map((info) => info.plural);
    // Only where the argument's own text says so: replicas are not objects of the API.
    return { type: "words", words: (argument.description.includes("replicas") ? [...plurals, "replicas"] : plurals).sort() };
  }
  if (name === "name" || name === "names") return index === 0 ? { type: "names", kind: "models" } : { type: "names" };
  return name === "dir" || name === "bundle" ? { type: "files" } : { type: "free" };
}

function optionSlot(option: Option): Slot {
  if (option.argChoices !== undefined) return { type: "words", words: option.argChoices };
  const byName: Readonly<Record<string, Slot>> = {
    filename: { type: "files" },
    home: { type: "files" },
    namespace: { type: "names", kind: "namespaces" },
    revision: { type: "names", kind: "revisions" },
    to: { type: "names", kind: "revisions" },
    replica: { type: "names", kind: "replicas" },
  };
  return byName[option.name()] ?? { type: "free" };
}

function flagsOf(option: Option): string[] {
  return [option.short, option.long].filter((flag) => flag !== undefined);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function bashScript(program: Command): string {
  const commands = visible(program);
  const help = program.createHelp();
  const options = new Map(commands.map((command) => [command, help.visibleOptions(command)]));
  const valueFlags = [...new Set([...options.values(), program.options].flat().filter(takesValue).flatMap(flagsOf))];
  const values: string[] = [];
  const flags: string[] = [];
  const places: string[] = [];
  for (const command of commands) {
    const name = command.name();
    const own = options.get(command) ?? [];
    for (const option of own.filter(takesValue)) {
      values.push(
        `    ${flagsOf(option)
          .map((flag) => `${name}:${flag}`)
          .join("|")}) ${bashSlot(optionSlot(option))}; return ;;`,
      );
    }
    flags.push(`      ${name}) ${bashWords(own.flatMap((option) => option.long ?? []))} ;;`);
    for (const [index, argument] of command.registeredArguments.entries()) {
      places.push(`      ${name}:${argument.variadic ? "*" : index}) ${bashSlot(argumentSlot(argument, index))} ;;`);
    }
  }
  return `_slipway() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" kind="" count=0 i=1 word
  COMPREPLY=()
  while [ "$i" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${valueFlags.join("|")}) i=$((i + 1)) ;;
      -*) ;;
      *)
        if [ -z "$command" ]; then command="$word"
        else
          if [ "$count" -eq 0 ]; then kind="$word"; fi
          count=$((count + 1))
        fi ;;
    esac
    i=$((i + 1))
  done
  case "$command:$prev" in
${values.join("\n")}
  esac
  case "$cur" in
    -*) case "$command" in
${flags.join("\n")}
      "") ${bashWords(help.visibleOptions(program).flatMap((option) => option.long ?? []))} ;;
    esac ;;
    *) case "$command:$count" in
      :0) ${bashWords(commands.map((command) => command.name()))} ;;
${places.join("\n")}
    esac ;;
  esac
}
complete -F _slipway slipway
`;
}

function bashWords(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$cur"))`;
}

function bashSlot(slot: Slot): string {
  if (slot.type === "words") return bashWords(slot.words);
  if (slot.type === "names")
    return `COMPREPLY=($(compgen -W "$(slipway __complete ${slot.kind ?? '"$kind"'} 2>/dev/null)" -- "$cur"))`;
  return slot.type === "files" ? 'COMPREPLY=($(compgen -f -- "$cur"))' : ":";
}

function fishScript(program: Command): string {
  const lines = ["complete -c slipway -f"];
  const help = program.createHelp();
  for (const command of visible(program)) {
    const name = command.name();
    const seen = `__fish_seen_subcommand_from ${name}`;
    lines.push(`complete -c slipway -n __fish_use_subcommand -a ${name} -d ${quote(command.summary())}`);
    for (const option of help.visibleOptions(command)) {
      const flags = [option.long && `-l ${option.long.slice(2)}`, option.short && `-s ${option.short.slice(1)}`]
        .filter(Boolean)
        .join(" ");
      const slot = optionSlot(option);
      const value = takesValue(option) ? ` ${slot.type === "files" ? "-r" : "-x"}${fishSlot(slot)}` : "";
      lines.push(`complete -c slipway -n ${quote(seen)} ${flags}${value} -d ${quote(option.description)}`);
    }
    for (const [index, argument] of command.registeredArguments.entries()) {
      const slot = fishSlot(argumentSlot(argument, index));
      // Tokens before the cursor: the program, the command, and the arguments already there.
      const compare = argument.variadic ? "-ge" : "-eq";
      if (slot !== "")
        lines.push(
          `complete -c slipway -n ${quote(`${seen}; and test (count (commandline -opc)) ${compare} ${index + 2}`)}${slot}`,
        );
    }
  }
  return `${lines.join("\n")}\n`;
}

function fishSlot(slot: Slot): string {
  if (slot.type === "words") return ` -a ${quote(slot.words.join(" "))}`;
  if (slot.type === "names") return ` -a ${quote(`(slipway __complete ${slot.kind ?? "(commandline -opc)[3]"} 2>/dev/null)`)}`;
  return slot.type === "files" ? " -F" : "";
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
