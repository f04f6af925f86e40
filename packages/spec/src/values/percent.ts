import { z } from "zod";
import { found } from "./found.ts";

const pattern = /^(?:100|[1-9]?[0-9])%$/;
const expected = "expected a whole number from 0 to 100, or text such as 90%";

/** A schema for a share of 0 to 100: an integer, or text with a percent sign. Kept as it was written; read it with {@link percentOf}. */
export function percent() {
  return z
    .union([z.number(), z.string()], {
      error: ({ input }) => (input === undefined ? expected : `${expected}; found ${found(input)}`),
    })
    .superRefine((value, context) => {
      const good = typeof value === "number" ? Number.isInteger(value) && value >= 0 && value <= 100 : pattern.test(value);
      if (good) return;
      context.addIssue({ code: "custom", message: `${expected}; found ${found(value)}` });
    })
    .meta({
      "x-kubernetes-int-or-string": true,
      pattern: pattern.source.replace("?:", ""),
      minimum: 0,
      maximum: 100,
      maxLength: 4,
    });
}

/** The number of a share that {@link percent} has checked: 90 for `90` and for `90%`. */
export function percentOf(value: number | string): number {
  return typeof value === "number" ? value : Number.parseInt(value, 10);
}
