import { SlipwayError } from "@slipway/base";
import { quoted, readObject } from "./json-object.ts";

/** Checks a `parameters` object. The only parameter there is says `false` to binary tensor data, which clients of other servers send; anything else is refused, never ignored. */
export function readParameters(value: unknown, where: string, binaryFlag: "binary_data" | "binary_data_output"): void {
  if (value === undefined) return;
  if (typeof value === "object" && value !== null && "binary_data_size" in value) {
    throw new SlipwayError("badRequest", `${where}.parameters announces binary tensor data, which is not supported.`, {
      hint: 'Send the values as JSON in "data".',
    });
  }
  const parameters = readObject(value, `${where}.parameters`, [binaryFlag]);
  const flag = parameters[binaryFlag];
  if (flag === undefined || flag === false) return;
  throw new SlipwayError("badRequest", `${where}.parameters.${binaryFlag} must be false: binary tensor data is not supported.`, {
    hint: `Leave ${quoted(binaryFlag)} out, or set it to false.`,
  });
}
