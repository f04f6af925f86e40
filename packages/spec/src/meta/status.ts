import { z } from "zod";
import { wholeNumber } from "../values/whole-number.ts";
import { listMetaSchema } from "./list-meta.ts";

/** The answer to a request that has no object to return, as `metav1.Status`: every error of the control API is one. */
export const statusSchema = z
  .strictObject({
    apiVersion: z.literal("v1").describe("Version of this schema."),
    kind: z.literal("Status").describe("The kind of this object."),
    metadata: listMetaSchema.exactOptional().describe("Standard list metadata."),
    status: z.enum(["Success", "Failure"]).exactOptional().describe("Whether the request was done."),
    message: z.string().exactOptional().describe("What happened, in a sentence for people."),
    reason: z.string().exactOptional().describe("Why it failed, as one CamelCase word that programs may compare."),
    details: z
      .strictObject({
        name: z.string().exactOptional().describe("Name of the object."),
        group: z.string().exactOptional().describe("API group of the object."),
        kind: z.string().exactOptional().describe("Kind, or plural name, of the object."),
        uid: z.string().exactOptional().describe("UID of the object."),
        causes: z
          .array(
            z.strictObject({
              reason: z.string().exactOptional().describe("What sort of problem it is, e.g. FieldValueInvalid."),
              message: z.string().exactOptional().describe("The problem, in a sentence for people."),
              field: z.string().exactOptional().describe("The field that has the problem, e.g. spec.traffic[0].percent."),
            }),
          )
          .exactOptional()
          .meta({ description: "Every problem there is.", "x-kubernetes-list-type": "atomic" }),
        retryAfterSeconds: wholeNumber().min(0).exactOptional().describe("Seconds after which trying again makes sense."),
      })
      .exactOptional()
      .describe("More about the failure, for programs."),
    code: wholeNumber().exactOptional().meta({ format: "int32" }).describe("The HTTP status."),
  })
  .describe("The answer to a request that has no object to return.");

/** See {@link statusSchema}. */
export type Status = z.output<typeof statusSchema>;
