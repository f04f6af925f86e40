import { z } from "zod";
import { slipwayApiVersion } from "../kinds/kind.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { percent } from "../values/percent.ts";
import { wholeNumber } from "../values/whole-number.ts";
import { modelStatusSchema } from "./model-status-schema.ts";
import { mostReplicas } from "./most-replicas.ts";
import { networkSchema } from "./network-schema.ts";
import { parametersSchema } from "./parameters-schema.ts";
import { placementSchema } from "./placement-schema.ts";
import { resourcesSchema } from "./resources-schema.ts";
import { scalingSchema } from "./scaling-schema.ts";
import { secretsSchema } from "./secrets-schema.ts";
import { signatureSchema } from "./signature-schema.ts";
import { sourceSchema } from "./source-schema.ts";

const trafficTargetSchema = z.strictObject({
  revision: z.string().min(1).max(63).describe("Name of a Revision of this Model."),
  percent: percent().describe("Share of requests it gets: 0 to 100, or text such as 90%. All shares add up to 100."),
});

const toleranceSchema = z.strictObject({
  absolute: z.number().min(0).default(1e-5).describe("Difference allowed whatever the size of the expected number."),
  relative: z.number().min(0).default(1e-5).describe("Difference allowed as a fraction of the expected number."),
});

const samplesSchema = z.strictObject({
  verify: z
    .boolean()
    .default(true)
    .describe("Whether a replica must answer the bundle's golden samples as recorded before it gets requests."),
  tolerance: toleranceSchema
    .prefault({})
    .describe("How far an answer may be from the recorded one: absolute + relative × |expected|."),
});

const modelSpecSchema = z
  .strictObject({
    source: sourceSchema.describe("What is served."),
    parameters: parametersSchema.prefault({}).describe("Free text handed to the model. Changing it makes a new revision."),
    signature: signatureSchema
      .exactOptional()
      .describe("Inputs and outputs the model must have; a model that differs is not served. Read from the model when not set."),
    resources: resourcesSchema.prefault({}).describe("Limits of each replica. Changing them makes a new revision."),
    scaling: scalingSchema.prefault({}).describe("How many replicas there may be. Takes effect without restarting any."),
    replicas: wholeNumber()
      .min(1)
      .max(mostReplicas)
      .exactOptional()
      .meta({ format: "int32" })
      .describe("Fixes the number of replicas by hand, at most scaling.maxReplicas; the scale subresource writes it."),
    traffic: z
      .array(trafficTargetSchema)
      .max(10)
      .exactOptional()
      .meta({
        description:
          "Pins requests to at most ten revisions. When not set or empty, the latest revision that is ready gets all of them.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["revision"],
        "x-kubernetes-validations": [
          {
            rule: "size(self) == 0 || self.map(t, type(t.percent) == int ? int(t.percent) : int(string(t.percent).replace('%', ''))).sum() == 100",
            message: "the percents must add up to 100",
          },
        ],
      }),
    samples: samplesSchema
      .prefault({})
      .describe("What is checked with the bundle's golden samples before a replica gets requests."),
    secrets: secretsSchema
      .exactOptional()
      .describe("Values of Secrets that replicas get, by reference. Changing them makes a new revision. In a cluster only."),
    placement: placementSchema
      .exactOptional()
      .describe("Which nodes replicas may run on. Changing it makes a new revision. No effect on one machine."),
    network: networkSchema
      .exactOptional()
      .describe("What replicas may connect to. Takes effect without restarting any. No effect on one machine."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(self.replicas) || self.replicas <= (has(self.scaling.maxReplicas) ? self.scaling.maxReplicas : (self.scaling.minReplicas > 10 ? self.scaling.minReplicas : 10))",
        message: "replicas must be at most scaling.maxReplicas",
      },
      {
        rule: "!has(self.scaling.metrics) || self.scaling.metrics.all(m, m.type == 'cpu' ? has(self.resources.cpu) : has(self.resources.memory))",
        message: "a metric needs the same of resources: its target is a percent of it",
      },
    ],
  });

/** Desired and observed state of one served model. Rules across fields are in `modelRules`. */
export const modelSchema = z
  .strictObject({
    apiVersion: z.literal(slipwayApiVersion).describe("Version of this schema."),
    kind: z.literal("Model").describe("The kind of this object."),
    metadata: objectMetaSchema,
    spec: modelSpecSchema.describe("What is wanted."),
    status: modelStatusSchema.exactOptional().describe("What is there; written by Slipway only."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(self.spec.traffic) || self.spec.traffic.all(t, t.revision.startsWith(self.metadata.name + '-'))",
        message: "traffic must name revisions of this model",
      },
    ],
  })
  .describe("A model that is served: where it comes from, how it scales, and which revisions get its requests.");

/** A Model as a manifest for the command line may have it: its source may be a path. */
export type ModelManifest = z.output<typeof modelSchema>;

/** `spec` of a {@link Model}. */
export type ModelSpec = Omit<ModelManifest["spec"], "source"> & {
  source: { bundle: string; image?: string; signatures?: string[]; contract?: string };
};

/** A Model as the API and the store have it: its source is always a bundle digest. */
export type Model = Omit<ModelManifest, "spec"> & { spec: ModelSpec };

/** One entry of `spec.traffic`; read its share with `percentOf`. */
export type TrafficTarget = z.output<typeof trafficTargetSchema>;
