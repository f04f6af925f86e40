import { z } from "zod";
import { wholeNumber } from "../values/whole-number.ts";

/** `metadata` of a list. */
export const listMetaSchema = z
  .strictObject({
    resourceVersion: z.string().exactOptional().describe("Version of the whole store the list was read at; watch from here."),
    continue: z.string().exactOptional().describe("Where the next page begins; empty at the end."),
    remainingItemCount: wholeNumber().min(0).exactOptional().describe("How many items are left after this page, if known."),
  })
  .describe("Metadata of a list.");

/** See {@link listMetaSchema}. */
export type ListMeta = z.output<typeof listMetaSchema>;
