import type { NumericData } from "./datatype.ts";

/** All of a row was good. */
export const filled = -1;

/** A 64-bit integer came as a number that is beyond 2^53: the text must be read again, exactly. */
export class NeedsExactIntegers extends Error {}

/*
 * Each function copies parsed JSON values into `out` from `offset` on and returns the index in `row` of the first value that does not fit, or
 * `filled`. They are the hot loop of the protocol: one pass, one store and one compare per element, no call.
 */

/** Whole numbers up to 32 bits: a typed array stores a fraction or a number out of range as another number. */
export function fillIntegers(out: NumericData, offset: number, row: readonly unknown[]): number {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    // The type first: storing an object would call its toString, which is the caller's.
    if (typeof value !== "number") return index;
    out[offset + index] = value;
    if (out[offset + index] !== value) return index;
  }
  return filled;
}

/** Floats: rounded to the datatype's precision as IEEE 754 does, refused when that gives infinity. */
export function fillFloats(out: NumericData, offset: number, row: readonly unknown[]): number {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    if (typeof value !== "number") {
      if (typeof value !== "bigint") return index;
      out[offset + index] = Number(value);
    } else {
      out[offset + index] = value;
    }
    const stored = out[offset + index] as number;
    if (stored - stored !== 0) return index;
  }
  return filled;
}

/** Booleans as 0 and 1. */
export function fillBooleans(out: NumericData, offset: number, row: readonly unknown[]): number {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    if (value === true) out[offset + index] = 1;
    else if (value !== false) return index;
  }
  return filled;
}

/** 64-bit integers. Beyond 2^53 they must be BigInt already, as {@link NeedsExactIntegers} asks for unless the text was read `exact`ly. */
export function fillLongs(out: BigInt64Array | BigUint64Array, offset: number, row: readonly unknown[], exact: boolean): number {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) {
        if (!exact && Number.isInteger(value)) throw new NeedsExactIntegers();
        return index;
      }
      const whole = BigInt(value);
      out[offset + index] = whole;
      if (out[offset + index] !== whole) return index;
    } else if (typeof value === "bigint") {
      out[offset + index] = value;
      if (out[offset + index] !== value) return index;
    } else {
      return index;
    }
  }
  return filled;
}

/** Strings; a lone surrogate has no UTF-8. */
export function fillStrings(out: string[], row: readonly unknown[]): number {
  for (let index = 0; index < row.length; index += 1) {
    const value = row[index];
    if (typeof value !== "string" || !value.isWellFormed()) return index;
    out.push(value);
  }
  return filled;
}
