import { z } from "zod";
import { found } from "./found.ts";

/** A schema for an integer that JavaScript holds exactly. Its message says so for text and fractions alike. */
export function wholeNumber() {
  return z.int({
    error: ({ code, input }) => {
      if (code !== "invalid_type") return undefined;
      return input === undefined ? "expected a whole number" : `expected a whole number, found ${found(input)}`;
    },
  });
}
