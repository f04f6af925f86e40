import { z } from "zod";
import { wholeNumber } from "../values/whole-number.ts";

/** What may come with a deletion, as `metav1.DeleteOptions`. */
export const deleteOptionsSchema = z
  .strictObject({
    apiVersion: z.string().exactOptional().describe("Version of this schema."),
    kind: z.literal("DeleteOptions").exactOptional().describe("The kind of this object."),
    gracePeriodSeconds: wholeNumber()
      .min(0)
      .exactOptional()
      .describe("Seconds the object has to end gracefully; 0 means at once."),
    preconditions: z
      .strictObject({
        uid: z.string().exactOptional().describe("The UID the object must have."),
        resourceVersion: z.string().exactOptional().describe("The version the object must have."),
      })
      .exactOptional()
      .describe("Delete only if the object is this one."),
    orphanDependents: z.boolean().exactOptional().describe("Old form of propagationPolicy: true is Orphan, false is Background."),
    propagationPolicy: z
      .enum(["Orphan", "Background", "Foreground"])
      .exactOptional()
      .describe("What becomes of objects this one owns: kept, deleted after it, or deleted before it."),
    dryRun: z
      .array(z.literal("All"))
      .exactOptional()
      .meta({ description: "All: check everything, change nothing.", "x-kubernetes-list-type": "atomic" }),
  })
  .describe("What may come with a deletion.");

/** See {@link deleteOptionsSchema}. */
export type DeleteOptions = z.output<typeof deleteOptionsSchema>;
