import type { FieldProblem } from "@slipway/base";
import { refusedParameters } from "../refused-parameters.ts";
import type { RunnerWishes } from "../runner-table.ts";
import { pythonSettings } from "./python-settings.ts";

/** Every field of a Model that its Python runner would refuse; none when it can run. A device is the model's to use. */
export function pythonRefusals({ parameters = {} }: RunnerWishes): readonly FieldProblem[] {
  return refusedParameters(() => pythonSettings(parameters, undefined));
}
