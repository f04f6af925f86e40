import { z } from "zod";
import { timestamp } from "../values/timestamp.ts";
import { wholeNumber } from "../values/whole-number.ts";

/** One observation about an object, as `metav1.Condition`. `reason` is CamelCase, `message` one sentence for people. */
export const conditionSchema = z.strictObject({
  type: z.string().min(1).max(316).describe("What is observed, in CamelCase."),
  status: z.enum(["True", "False", "Unknown"]).describe("Whether it is so."),
  reason: z.string().max(1024).describe("Why, as one CamelCase word that programs may compare."),
  message: z.string().max(32768).describe("Why, as a sentence for people; may be empty."),
  lastTransitionTime: timestamp().describe("When status last changed."),
  observedGeneration: wholeNumber()
    .min(0)
    .exactOptional()
    .describe("The metadata.generation this was observed at; when it is older than the object's, the condition is out of date."),
});

/** See {@link conditionSchema}. */
export type Condition = z.output<typeof conditionSchema>;

/** A list of conditions that merges by type, as Kubernetes declares it. */
export const conditionsSchema = z
  .array(conditionSchema)
  .meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });
