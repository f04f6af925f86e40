/** How a quantity was written; canonical text keeps it. As `resource.Format` of Kubernetes. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount, as Kubernetes' `resource.Quantity` holds it. */
export interface Quantity {
  /** The amount in billionths, the finest Kubernetes keeps; anything finer was rounded away from zero. */
  readonly nano: bigint;
  /** The amount in thousandths, rounded away from zero; for CPU, millicores. */
  readonly milli: bigint;
  readonly format: QuantityFormat;
  /** The one text all equal quantities of a format share: `0.5` is `500m`, `1024Mi` is `1Gi`. */
  readonly canonical: string;
}

const decimalSuffixes: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binarySuffixes: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const grammar = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*(?:[+-]?[0-9]+)?)$/;
const giga = 1_000_000_000n;
const mostBinary = (2n ** 63n - 1n) * giga;

/** Beyond these no quantity makes sense, and the arithmetic would cost more than the answer is worth. Kubernetes has no such bounds. */
const longestText = 256;
const largestExponent = 256;

/** The quantity a text stands for, or undefined when Kubernetes would not take it. Binary quantities end at 2^63-1, as there. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > longestText) return undefined;
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  // Kubernetes reads a lone sign or point as zero; that is a slip of its scanner, and its own CRD pattern refuses it.
  if (whole === "" && fraction === "") return undefined;
  const unit = suffixOf(suffix);
  if (unit === undefined) return undefined;

  const digits = BigInt(whole + fraction);
  const factor = unit.base === 2 ? 2n ** BigInt(unit.exponent) : 1n;
  const tens = 9 - fraction.length + (unit.base === 10 ? unit.exponent : 0);
  let amount = tens >= 0 ? digits * factor * 10n ** BigInt(tens) : divideUp(digits * factor, 10n ** BigInt(-tens));
  if (unit.format === "BinarySI" && amount > mostBinary) amount = mostBinary;
  // As there: a fraction of one is no longer binary.
  const format = unit.format === "BinarySI" && amount > 0n && amount < giga ? "DecimalSI" : unit.format;
  const nano = sign === "-" ? -amount : amount;
  const milli = nano < 0n ? -divideUp(-nano, 1_000_000n) : divideUp(nano, 1_000_000n);
  return { nano, milli, format, canonical: canonicalText(nano, format) };
}

function suffixOf(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } | undefined {
  const decimal = Object.hasOwn(decimalSuffixes, suffix) ? decimalSuffixes[suffix] : undefined;
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: "DecimalSI" };
  const binary = Object.hasOwn(binarySuffixes, suffix) ? binarySuffixes[suffix] : undefined;
  if (binary !== undefined) return { base: 2, exponent: binary, format: "BinarySI" };
  if (!/^[eE][+-]?[0-9]+$/.test(suffix)) return undefined;
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > largestExponent) return undefined;
  return { base: 10, exponent, format: "DecimalExponent" };
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** `CanonicalizeBytes` of Kubernetes: no fraction, no lost precision, the largest suffix. */
function canonicalText(nano: bigint, format: QuantityFormat): string {
  if (nano === 0n) return "0";
  const size = nano < 0n ? -nano : nano;
  if (format === "BinarySI" && size % giga === 0n && size >= 1024n * giga) {
    let amount = nano / giga;
    let times = 0;
    while (amount % 1024n === 0n) {
      amount /= 1024n;
      times += 1;
    }
    return `${amount}${Object.keys(binarySuffixes)[times - 1] ?? ""}`;
  }
  let amount = nano;
  let exponent = -9;
  while (amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  const suffix = Object.keys(decimalSuffixes).find((key) => decimalSuffixes[key] === exponent);
  if (format !== "DecimalExponent" && suffix !== undefined) return `${amount}${suffix}`;
  return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
}
