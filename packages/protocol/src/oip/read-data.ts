import { SlipwayError } from "@slipway/base";
import { allocateData } from "./allocate-data.ts";
import { datatypes } from "./datatype.ts";
import { fillBooleans, filled, fillFloats, fillIntegers, fillLongs, fillStrings } from "./fill-data.ts";
import { shown } from "./json-object.ts";
import { elementCount } from "./read-shape.ts";
import type { TensorData, TensorSpec } from "./tensor.ts";

/** What to read a tensor's data with. */
export interface DataContext {
  /** Names the tensor in messages. */
  readonly where: string;
  readonly datatype: TensorSpec["datatype"];
  readonly shape: readonly number[];
  /** Whether whole numbers beyond 2^53 come as BigInt. */
  readonly exact: boolean;
}

/** The elements of a tensor from parsed JSON, flat in row-major order or nested as the shape says. Everything that is counted is counted before memory is taken. Throws `badRequest`. */
export function readData(value: unknown, context: DataContext): TensorData {
  const { where, datatype, shape } = context;
  if (datatype === "BF16") {
    throw new SlipwayError("badRequest", `${where}: BF16 has no JSON.`, { hint: "Send it as binary data (binary_data_size)." });
  }
  if (!Array.isArray(value)) throw new SlipwayError("badRequest", `${where}: "data" must be an array, not ${shown(value)}.`);
  const count = elementCount(shape);
  const nested = shape.length > 1 && Array.isArray(value[0]);
  const rows: (readonly unknown[])[] = nested ? innerRows(value, context) : [value];
  if (!nested && value.length !== count) {
    const product = Number.isFinite(count) ? count : "more than 2^53";
    throw new SlipwayError(
      "badRequest",
      `${where}: shape [${shape.join(",")}] needs ${product} values, "data" has ${value.length}.`,
    );
  }
  const row = datatypes[datatype];
  const data = row.kind === "bytes" ? [] : allocateData(row, count);
  let offset = 0;
  for (const values of rows) {
    const bad = fill(data, offset, values, context);
    if (bad !== filled) {
      const place = nested ? indices(offset + bad, shape) : `[${bad}]`;
      throw new SlipwayError("badRequest", `${where}: data${place} must be ${row.values}, not ${shown(values[bad])}.`, {
        ...(Array.isArray(values[bad]) ? { hint: "Data is either flat or nested exactly as the shape says." } : {}),
      });
    }
    offset += values.length;
  }
  return data;
}

function fill(data: TensorData, offset: number, row: readonly unknown[], context: DataContext): number {
  const kind = datatypes[context.datatype].kind;
  if (kind === "bytes") return fillStrings(data as string[], row);
  if (kind === "integer") return fillIntegers(data as Int32Array, offset, row);
  if (kind === "float") return fillFloats(data as Float32Array, offset, row);
  if (kind === "boolean") return fillBooleans(data as Uint8Array, offset, row);
  return fillLongs(data as BigInt64Array, offset, row, context.exact);
}

/** The innermost arrays of nested data, in order, once every array is known to be as long as its axis. */
function innerRows(value: readonly unknown[], { where, shape }: DataContext): (readonly unknown[])[] {
  const rows: (readonly unknown[])[] = [];
  const walk = (part: unknown, axis: number, path: string) => {
    if (!Array.isArray(part)) {
      throw new SlipwayError("badRequest", `${where}: data${path} must be an array of ${shape[axis]}, not ${shown(part)}.`, {
        hint: "Data is either flat or nested exactly as the shape says.",
      });
    }
    if (part.length !== shape[axis]) {
      throw new SlipwayError(
        "badRequest",
        `${where}: data${path} must have ${shape[axis]} entries as the shape says, not ${part.length}.`,
      );
    }
    if (axis === shape.length - 1) rows.push(part);
    else for (let index = 0; index < part.length; index += 1) walk(part[index], axis + 1, `${path}[${index}]`);
  };
  walk(value, 0, "");
  return rows;
}

/** `[1][0][7]` for the element at `offset` of a tensor of this shape. */
export function indices(offset: number, shape: readonly number[]): string {
  let rest = offset;
  let text = "";
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis]!;
    text = `[${rest % size}]${text}`;
    rest = Math.floor(rest / size);
  }
  return text;
}
