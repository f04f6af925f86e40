import { z } from "zod";
import { slipwayApiVersion } from "../kinds/kind.ts";
import { conditionsSchema } from "../meta/condition.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { parametersSchema } from "../model/parameters-schema.ts";
import { placementSchema } from "../model/placement-schema.ts";
import { resourcesSchema } from "../model/resources-schema.ts";
import { secretsSchema } from "../model/secrets-schema.ts";
import { signatureSchema } from "../model/signature-schema.ts";
import { imageField } from "../model/source-schema.ts";
import { bundleDigestText } from "../values/bundle-reference.ts";
import { wholeNumber } from "../values/whole-number.ts";

const revisionSpecSchema = z
  .strictObject({
    model: z.string().min(1).max(52).describe("Name of the Model this was made from."),
    number: wholeNumber().min(1).describe("Counts the revisions of the Model: 1, 2, …"),
    source: z
      .strictObject({
        bundle: bundleDigestText().describe("Digest of the bundle: sha256 and 64 hexadecimal digits."),
        image: imageField,
      })
      .describe("What is served."),
    parameters: parametersSchema.prefault({}).describe("Free text handed to the model."),
    signature: signatureSchema.exactOptional().describe("Inputs and outputs the model must have."),
    resources: resourcesSchema.prefault({}).describe("Limits of each replica, in canonical form."),
    secrets: secretsSchema.exactOptional().describe("Values of Secrets that replicas get, by reference."),
    placement: placementSchema.exactOptional().describe("Which nodes replicas may run on, in canonical form."),
  })
  .meta({ "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "a revision cannot be changed" }] });

const revisionStatusSchema = z.strictObject({
  state: z
    .enum(["Active", "Retired", "Failed"])
    .exactOptional()
    .describe("Active: gets requests or is about to. Retired: kept to go back to. Failed: could not be made ready."),
  replicas: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("Replicas there are, ready or not."),
  readyReplicas: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("Replicas that answer requests."),
  conditions: conditionsSchema.exactOptional().describe("Observations about this revision."),
});

/** One immutable version of a Model: made by control, never by hand. */
export const revisionSchema = z
  .strictObject({
    apiVersion: z.literal(slipwayApiVersion).describe("Version of this schema."),
    kind: z.literal("Revision").describe("The kind of this object."),
    metadata: objectMetaSchema,
    spec: revisionSpecSchema.describe("What the revision is. Cannot be changed."),
    status: revisionStatusSchema.exactOptional().describe("What is there; written by Slipway only."),
  })
  .describe(
    "One immutable version of a Model. Slipway makes it when the Model's source, parameters, signature, resources, secrets or placement change.",
  );

/** See {@link revisionSchema}. */
export type Revision = z.output<typeof revisionSchema>;

/** `spec` of a {@link Revision}. */
export type RevisionSpec = Revision["spec"];

/** `status` of a {@link Revision}. */
export type RevisionStatus = NonNullable<Revision["status"]>;
