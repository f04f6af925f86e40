import { posix } from "node:path";
import { pathProblem } from "../manifest/file-path.ts";

/** Marker with which ONNX Runtime takes a tensor's "offset" for an address in its own memory. */
const memoryAddress = "_ORT_MEM_ADDR_";

/**
 * Why a tensor's external data cannot be used, as the end of a sentence; undefined when it lies in a plain file of the bundle, beside or
 * below the model, with offset and length inside it. Checked here because a runtime would open whatever path it is given.
 */
export function externalDataProblem(
  entries: readonly (readonly [key: string, value: string])[],
  model: string,
  files: ReadonlyMap<string, number>,
): string | undefined {
  const keys = entries.map(([key]) => key);
  if (new Set(keys).size < keys.length) return "names one of location, offset and length twice";
  const { location, offset = "0", length } = Object.fromEntries(entries) as Record<string, string | undefined>;
  if (location === undefined) return "has no location";
  if (location.includes(memoryAddress)) return "points into the memory of the process that would load it";
  if (pathProblem(location) !== undefined || location.includes("\\")) {
    return `lies in ${JSON.stringify(location.slice(0, 200))}, which is not a relative path of a file in the model directory`;
  }
  const size = files.get(posix.join(posix.dirname(model), location));
  if (size === undefined) return `lies in ${JSON.stringify(location)}, which is not in the model directory`;
  if (location === posix.basename(model)) return "lies in the model file itself";
  const from = count(offset);
  const bytes = length === undefined ? 0 : count(length);
  if (from === undefined || bytes === undefined)
    return `has an offset or length that is not a whole number (${offset}, ${length})`;
  if (from + bytes > size) return `needs bytes ${from} to ${from + bytes} of ${JSON.stringify(location)}, which has ${size}`;
  return undefined;
}

function count(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
