import { z } from "zod";
import { mostReplicas } from "../model/most-replicas.ts";
import { wholeNumber } from "../values/whole-number.ts";
import { objectMetaSchema } from "./object-meta.ts";

/** The scale subresource, as autoscaling/v1 Scale: `kubectl scale` reads and writes it. */
export const scaleSchema = z
  .strictObject({
    apiVersion: z.literal("autoscaling/v1").describe("Version of this schema."),
    kind: z.literal("Scale").describe("The kind of this object."),
    metadata: objectMetaSchema,
    spec: z
      .strictObject({
        replicas: wholeNumber()
          .min(1, {
            error: (issue) => (issue.input === 0 ? "expected at least 1, found 0: scaling to zero is not there yet" : undefined),
          })
          .max(mostReplicas)
          .meta({ format: "int32" })
          .describe("Replicas wanted."),
      })
      .describe("What is wanted."),
    status: z
      .strictObject({
        replicas: wholeNumber().min(0).meta({ format: "int32" }).describe("Replicas there are."),
        selector: z.string().exactOptional().describe("Label selector of the replicas."),
      })
      .exactOptional()
      .describe("What is there."),
  })
  .describe("How many replicas a Model has by hand.");

/** See {@link scaleSchema}. */
export type Scale = z.output<typeof scaleSchema>;
