import { datatypes, describeTensor, indices, type Tensor } from "@slipway/protocol";

/** How far a float may be from the recorded one: `absolute` + `relative` × |recorded|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Why an output is not the recorded one; undefined when it is. Floats within the tolerance, everything else exactly. */
export function compareTensors(recorded: Tensor, got: Tensor, tolerance: Tolerance): string | undefined {
  const where = `output ${JSON.stringify(recorded.name)}`;
  if (describeTensor(recorded) !== describeTensor(got))
    return `${where}: expected ${describeTensor(recorded)}, got ${describeTensor(got)}`;
  const close = datatypes[recorded.datatype].kind === "float";
  for (let index = 0; index < recorded.data.length; index += 1) {
    const expected = recorded.data[index]!;
    const actual = got.data[index]!;
    if (close ? isClose(expected as number, actual as number, tolerance) : expected === actual) continue;
    const allowed = close ? ` (tolerance: absolute ${tolerance.absolute}, relative ${tolerance.relative})` : "";
    return `${where}${indices(index, recorded.shape)}: expected ${text(recorded, expected)}, got ${text(recorded, actual)}${allowed}`;
  }
  return undefined;
}

/** False for NaN on either side. */
function isClose(expected: number, actual: number, { absolute, relative }: Tolerance): boolean {
  return expected === actual || Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}

function text(tensor: Tensor, value: number | bigint | string | Uint8Array): string {
  if (tensor.datatype === "BOOL") return value === 0 ? "false" : "true";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
}
