import { type FieldProblem, SlipwayError } from "@slipway/base";

/** The problems that reading parameters throws as `invalid`; none when it does not throw. */
export function refusedParameters(read: () => unknown): readonly FieldProblem[] {
  try {
    read();
    return [];
  } catch (caught) {
    if (!(caught instanceof SlipwayError) || caught.code !== "invalid") throw caught;
    return caught.problems;
  }
}
