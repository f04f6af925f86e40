import { z } from "zod";
import { found } from "./found.ts";
import { parseQuantity } from "./quantity.ts";

/** What a quantity field takes. */
export interface QuantityLimits {
  /** The smallest amount, as a quantity. */
  readonly least: string;
  /** What is counted, in the plural, for messages. */
  readonly unit: string;
  /** A usual value, for messages. */
  readonly example: string;
  /** Whether the amount must be whole: there is no half byte. */
  readonly whole?: boolean;
}

/** The pattern Kubernetes' own CRDs carry for a quantity. */
const pattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

/** A schema for a Kubernetes quantity. A plain number is taken as its text: YAML's `cpu: 1` is `"1"`. */
export function quantity(limits: QuantityLimits) {
  return z
    .preprocess(
      (value) => (typeof value === "number" && Number.isFinite(value) ? String(value) : value),
      z.string().superRefine((text, context) => {
        const message = quantityProblem(text, limits);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      }),
    )
    .meta({
      "x-kubernetes-int-or-string": true,
      pattern,
      maxLength: 64,
      "x-kubernetes-validations": [
        {
          rule: `isQuantity(string(self)) && quantity(string(self)).compareTo(quantity("${limits.least}")) >= 0`,
          message: `must be a quantity of at least ${limits.least}, such as ${limits.example}`,
        },
      ],
    });
}

function quantityProblem(text: string, limits: QuantityLimits): string | undefined {
  const amount = parseQuantity(text);
  if (text.length > 64 || amount === undefined) {
    return `expected a quantity of ${limits.unit} such as ${limits.example} (a number, then nothing or one of n u m k M G T P E Ki Mi Gi Ti Pi Ei), found ${found(text)}`;
  }
  const least = parseQuantity(limits.least);
  if (least !== undefined && amount.nano < least.nano) {
    const bare =
      /^[0-9.]+m?$/.test(text) && limits.whole === true && amount.nano > 0n ? `; did you mean "${text.replace("m", "")}Mi"?` : "";
    return `expected at least ${limits.least} (${limits.unit}), found ${found(text)}${bare}`;
  }
  if (limits.whole === true && amount.nano % 1_000_000_000n !== 0n)
    return `expected a whole number of ${limits.unit}, found ${found(text)}`;
  return undefined;
}
