import type { SlipwayError } from "@slipway/base";

/** The body of an OIP v2 error: one text, with every field problem and the hint after the message. */
export function inferErrorBody(error: SlipwayError): { readonly error: string } {
  const problems = error.problems.map(({ path, message }) => ` ${path}: ${message}.`).join("");
  return { error: `${error.message}${problems}${error.hint === undefined ? "" : ` ${error.hint}`}` };
}
