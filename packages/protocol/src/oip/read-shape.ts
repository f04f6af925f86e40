import { SlipwayError } from "@slipway/base";
import { shown } from "./json-object.ts";
import { describeTensor, type TensorSpec } from "./tensor.ts";

/** Checks the `shape` of a tensor against its specification. `where` names the tensor. Throws `badRequest`; allocates nothing. */
export function readShape(value: unknown, where: string, spec: TensorSpec): readonly number[] {
  if (!Array.isArray(value)) {
    throw new SlipwayError("badRequest", `${where}: "shape" must be an array of whole numbers, not ${shown(value)}.`, {
      hint: `Expected ${describeTensor(spec)}; -1 is any size.`,
    });
  }
  for (let axis = 0; axis < value.length; axis += 1) {
    const size: unknown = value[axis];
    if (Number.isSafeInteger(size) && (size as number) >= 0) continue;
    throw new SlipwayError("badRequest", `${where}: shape[${axis}] must be a whole number from 0 up, not ${shown(size)}.`);
  }
  const shape = value as number[];
  const fits =
    shape.length === spec.shape.length && shape.every((size, axis) => spec.shape[axis] === -1 || spec.shape[axis] === size);
  if (fits) return shape;
  const rank = shape.length === spec.shape.length ? "" : ` (${spec.shape.length} dimensions, not ${shape.length})`;
  throw new SlipwayError(
    "badRequest",
    `${where}: shape must be [${spec.shape.join(",")}]${rank}, got [${shape.slice(0, 16).join(",")}].`,
    {
      ...(spec.shape.includes(-1) ? { hint: "-1 is any size." } : {}),
    },
  );
}

/** The number of elements of a shape; Infinity when no exact number can tell. */
export function elementCount(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const size of shape) count *= size;
  return Number.isSafeInteger(count) ? count : Number.POSITIVE_INFINITY;
}
