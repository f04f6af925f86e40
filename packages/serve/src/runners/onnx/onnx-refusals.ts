import { type FieldProblem, SlipwayError } from "@slipway/base";
import { onnxSettings } from "./onnx-settings.ts";

/** What of a Model the ONNX runner would refuse, found before anything starts. */
export interface OnnxWishes {
  readonly parameters?: Readonly<Record<string, string>>;
  /** The name of the device that each replica is to have, such as nvidia.com/gpu. */
  readonly device?: string;
}

/** Every field of a Model that its ONNX runner would refuse; none when it can run. */
export function onnxRefusals({ parameters = {}, device }: OnnxWishes): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (device !== undefined) {
    problems.push({
      path: "spec.resources.gpu",
      message: `the ONNX runner computes on CPUs only, so ${device} would stay idle; leave it out`,
      reason: "FieldValueForbidden",
    });
  }
  try {
    onnxSettings(parameters, undefined);
  } catch (caught) {
    if (!(caught instanceof SlipwayError) || caught.code !== "invalid") throw caught;
    problems.push(...caught.problems);
  }
  return problems;
}
