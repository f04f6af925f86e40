import { SlipwayError } from "@slipway/base";
import { parseQuantity, type Quantity } from "./quantity.ts";

/** The bytes a memory quantity such as `256Mi` stands for, rounded up. Throws `invalid` when it is no quantity. */
export function quantityBytes(text: string): number {
  return Math.ceil(Number(required(text).nano) / 1e9);
}

/** The cores a CPU quantity such as `500m` stands for: 0.5. Throws `invalid` when it is no quantity. */
export function quantityCores(text: string): number {
  return Number(required(text).milli) / 1e3;
}

/** The canonical text of a quantity: `0.5` is `500m`. Throws `invalid` when it is no quantity. */
export function canonicalQuantity(text: string): string {
  return required(text).canonical;
}

function required(text: string): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined)
    throw new SlipwayError("invalid", `Not a quantity: ${JSON.stringify(text)}; expected one such as 500m or 256Mi.`);
  return quantity;
}
