import { SlipwayError } from "@slipway/base";
import type { Command } from "commander";
import { placeFlags } from "./flags.ts";

/** Lets `--home`, `--namespace`, `--context` and `--output` stand before the command, too; a flag after the command wins. */
export function globalFlags(program: Command): void {
  placeFlags(program).option("-o, --output <format>", "output format of the command");
  program.hook("preAction", (_, command) => {
    for (const [name, value] of Object.entries(program.opts())) {
      const option = command.options.find((other) => other.attributeName() === name);
      const source = program.getOptionValueSource(name);
      if (source !== "cli" || command.getOptionValueSource(name) === "cli") continue;
      // A home or a namespace says where; a command that needs no place may be told one. A cluster is another place than this machine.
      if (option === undefined && (name === "home" || name === "namespace")) continue;
      if (option === undefined && name === "context") {
        throw new SlipwayError("usage", `\`slipway ${command.name()}\` works on this machine only and has no flag --context.`);
      }
      if (option === undefined) throw new SlipwayError("usage", `\`slipway ${command.name()}\` has no flag --${name}.`);
      if (option.argChoices !== undefined && !option.argChoices.includes(value as string)) {
        const expected = `Expected ${option.argChoices.join(", ")}.`;
        throw new SlipwayError("usage", `--${name} ${value} is not a format that \`slipway ${command.name()}\` has.`, {
          hint: expected,
        });
      }
      command.setOptionValueWithSource(name, value, "cli");
    }
  });
}
