import { z } from "zod";
import { timestamp } from "../values/timestamp.ts";
import { wholeNumber } from "../values/whole-number.ts";

/** Who owns this object; when the owner goes, so does the object. Kubernetes API conventions. */
export const ownerReferenceSchema = z
  .strictObject({
    apiVersion: z.string().min(1).describe("API version of the owner."),
    kind: z.string().min(1).describe("Kind of the owner."),
    name: z.string().min(1).describe("Name of the owner."),
    uid: z.string().min(1).describe("UID of the owner."),
    controller: z.boolean().exactOptional().describe("True for the one owner that manages this object."),
    blockOwnerDeletion: z
      .boolean()
      .exactOptional()
      .describe("True if the owner may not be deleted in the foreground before this object is gone."),
  })
  .meta({ "x-kubernetes-map-type": "atomic" });

/** See {@link ownerReferenceSchema}. */
export type OwnerReference = z.output<typeof ownerReferenceSchema>;

/** Which manager wrote which fields; `fieldsV1` as in Kubernetes' structured-merge-diff. */
export const managedFieldsEntrySchema = z.strictObject({
  manager: z.string().describe("Who manages these fields, e.g. kubectl-client-side-apply."),
  operation: z.enum(["Apply", "Update"]).describe("How the manager came to own them."),
  apiVersion: z.string().describe("The API version the fields are named in."),
  time: timestamp().exactOptional().describe("When the manager last changed one of them."),
  fieldsType: z.literal("FieldsV1").describe("The format of fieldsV1; there is only one."),
  fieldsV1: z.record(z.string(), z.unknown()).describe('The set of fields: keys "f:NAME", "k:{KEYS}", "v:VALUE" and ".".'),
  subresource: z.string().exactOptional().describe("The subresource the write went through, e.g. status."),
});

/** See {@link managedFieldsEntrySchema}. */
export type ManagedFieldsEntry = z.output<typeof managedFieldsEntrySchema>;

/** `metadata` of every object. Times are RFC 3339. `resourceVersion` is opaque to callers. Names and labels are checked by `metadataRules`. */
export const objectMetaSchema = z
  .strictObject({
    name: z.string().describe("Name of the object, unique for its kind in its namespace. Cannot be changed."),
    generateName: z
      .string()
      .exactOptional()
      .describe("The name is this and five characters that the server makes up; used when name is not set."),
    namespace: z.string().exactOptional().describe("The namespace the object is in; empty for cluster-scoped kinds."),
    uid: z
      .string()
      .exactOptional()
      .describe("Identity of this object in time and space, set by the server. Never used again after deletion."),
    resourceVersion: z
      .string()
      .exactOptional()
      .describe(
        "Version of the stored object, set by the server. Opaque: compare it for equality only, or send it back to refuse a lost update.",
      ),
    generation: wholeNumber().min(0).exactOptional().describe("Counts changes of the desired state, set by the server."),
    creationTimestamp: timestamp().exactOptional().describe("When the object was created, set by the server."),
    deletionTimestamp: timestamp()
      .exactOptional()
      .describe("When deletion was asked for, set by the server; the object goes once its finalizers are gone."),
    deletionGracePeriodSeconds: wholeNumber()
      .min(0)
      .exactOptional()
      .describe("Seconds the object has to end gracefully, set by the server with deletionTimestamp."),
    labels: z.record(z.string(), z.string()).exactOptional().describe("Short key and value pairs to select objects by."),
    annotations: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe("Free text for tools and people; not used for selection."),
    finalizers: z
      .array(z.string())
      .exactOptional()
      .meta({ description: "Who must finish before the object is removed from the store.", "x-kubernetes-list-type": "set" }),
    ownerReferences: z
      .array(ownerReferenceSchema)
      .exactOptional()
      .meta({
        description: "Objects this one depends on; when all of them are gone, it is collected.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["uid"],
      }),
    managedFields: z.array(managedFieldsEntrySchema).exactOptional().meta({
      description: "Which manager owns which fields, for server-side apply; kept by the server.",
      "x-kubernetes-list-type": "atomic",
    }),
  })
  .describe("Standard object metadata.");

/** See {@link objectMetaSchema}. */
export type ObjectMeta = z.output<typeof objectMetaSchema>;
