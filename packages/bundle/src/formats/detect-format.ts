import { SlipwayError } from "@slipway/base";
import { formatNames, formatOf } from "./formats.ts";
import type { Format } from "./model-format.ts";

/** Which format a directory's model has, and the path of the file that makes it one. */
export interface DetectedFormat {
  readonly format: Format;
  readonly main: string;
}

/**
 * The format of a model directory, by its file names; `wanted` leaves only that one to be looked for. Throws
 * `invalid` when there is none, or more than one: with what was found and what would settle it.
 */
export function detectFormat(paths: readonly string[], wanted?: Format): DetectedFormat {
  const asked = wanted === undefined ? formatNames : [wanted];
  const found = asked.flatMap((format) => {
    const detection = formatOf(format).detect(paths);
    return detection === undefined ? [] : [{ format, detection }];
  });
  const fitting = found.flatMap(({ format, detection }) => ("main" in detection ? [{ format, main: detection.main }] : []));
  const [first, second] = fitting;
  if (first !== undefined && second === undefined) return first;
  if (second !== undefined) {
    const all = fitting.map(({ format, main }) => `${main} (${format})`).join(" and ");
    throw new SlipwayError("invalid", `The model directory could be served in more than one way: it has ${all}.`, {
      hint: "Keep the one that is meant, and move the others out of the directory.",
    });
  }
  const problem = found.map(({ detection }) => detection).find((detection) => "problem" in detection);
  const expected = asked.map((format) => formatOf(format).expects).join("; or ");
  const what = problem?.problem ?? `there is nothing like it among its ${paths.length} files`;
  throw new SlipwayError("invalid", `The model directory has no model: ${what}. Expected ${expected}.`, {
    hint: problem?.hint ?? "Export the model to one of these, into this directory.",
  });
}
