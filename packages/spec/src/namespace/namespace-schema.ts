import { z } from "zod";
import { coreApiVersion } from "../kinds/kind.ts";
import { conditionsSchema } from "../meta/condition.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";

/** A scope for names, as Kubernetes' core/v1 Namespace. */
export const namespaceSchema = z
  .strictObject({
    apiVersion: z.literal(coreApiVersion).describe("Version of this schema."),
    kind: z.literal("Namespace").describe("The kind of this object."),
    metadata: objectMetaSchema,
    spec: z
      .strictObject({
        finalizers: z
          .array(z.string())
          .exactOptional()
          .meta({ description: "Who must finish before the namespace is removed.", "x-kubernetes-list-type": "atomic" }),
      })
      .exactOptional()
      .describe("What is wanted."),
    status: z
      .strictObject({
        phase: z.enum(["Active", "Terminating"]).exactOptional().describe("Terminating once deletion was asked for."),
        conditions: conditionsSchema.exactOptional().describe("Observations about this namespace."),
      })
      .exactOptional()
      .describe("What is there; written by the server."),
  })
  .describe("A scope for names. Objects in it go when it goes.");

/** See {@link namespaceSchema}. */
export type Namespace = z.output<typeof namespaceSchema>;
