import { readFile } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import type { Source } from "./cluster-access.ts";

/** The text of a source. Throws `unauthenticated` when its file cannot be read. */
export async function readSource(source: Source): Promise<string> {
  if ("text" in source) return source.text;
  try {
    return await readFile(source.path, "utf8");
  } catch (caught) {
    throw new SlipwayError("unauthenticated", `The file ${source.path}, which the way to the cluster needs, cannot be read.`, {
      cause: caught,
    });
  }
}
