import type { FieldProblem } from "@slipway/base";
import { refusedParameters } from "../refused-parameters.ts";
import type { RunnerWishes } from "../runner-table.ts";
import { onnxSettings } from "./onnx-settings.ts";

/** Every field of a Model that its ONNX runner would refuse; none when it can run. */
export function onnxRefusals({ parameters = {}, device }: RunnerWishes): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (device !== undefined) {
    problems.push({
      path: "spec.resources.gpu",
      message: `the ONNX runner computes on CPUs only, so ${device} would stay idle; leave it out`,
      reason: "FieldValueForbidden",
    });
  }
  return [...problems, ...refusedParameters(() => onnxSettings(parameters, undefined))];
}
