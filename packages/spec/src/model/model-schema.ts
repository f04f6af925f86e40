import { z } from "zod";
import { slipwayApiVersion } from "../kinds/kind.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { bundleReference } from "../values/bundle-reference.ts";
import { percent } from "../values/percent.ts";
import { wholeNumber } from "../values/whole-number.ts";
import { modelStatusSchema } from "./model-status-schema.ts";
import { mostReplicas } from "./most-replicas.ts";
import { parametersSchema } from "./parameters-schema.ts";
import { resourcesSchema } from "./resources-schema.ts";
import { signatureSchema } from "./signature-schema.ts";

/** Why the API refuses `spec.source.path`, and the way out. */
export const pathIsForTheCommand =
  "read by the slipway command only; use `slipway apply -f FILE`, or `slipway build -f FILE -o yaml` and apply what it prints";

const sourceFields = z.strictObject({
  bundle: bundleReference()
    .exactOptional()
    .describe("The bundle to serve: sha256:DIGEST, or NAME@sha256:DIGEST where the name is for people. The digest decides."),
  path: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "A model directory, relative to the manifest. Only the slipway command reads it: it builds the directory and sends bundle instead. Never together with bundle.",
    ),
});

const sourceSchema = sourceFields
  .superRefine((source, context) => {
    if (source.bundle !== undefined || source.path !== undefined) return;
    const message =
      "expected sha256: and 64 lower-case hexadecimal digits (in a file for the slipway command, path may stand instead)";
    context.addIssue({ code: "custom", path: ["bundle"], message });
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "!has(self.path)", message: `a path is ${pathIsForTheCommand}` },
      { rule: "has(self.bundle) || has(self.path)", message: "bundle is required" },
    ],
  });

const scalingSchema = z
  .strictObject({
    minReplicas: wholeNumber()
      .min(1, {
        error: (issue) => (issue.input === 0 ? "expected at least 1, found 0: scaling from zero is not there yet" : undefined),
      })
      .max(mostReplicas)
      .default(1)
      .meta({ format: "int32" })
      .describe("Replicas there are at least."),
    maxReplicas: wholeNumber()
      .min(1)
      .max(mostReplicas)
      .exactOptional()
      .meta({ format: "int32" })
      .describe("Replicas there are at most, up to 1000. When not set: 10, or minReplicas if that is greater."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
        message: "minReplicas must be at most maxReplicas",
      },
    ],
  });

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
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(self.replicas) || self.replicas <= (has(self.scaling.maxReplicas) ? self.scaling.maxReplicas : (self.scaling.minReplicas > 10 ? self.scaling.minReplicas : 10))",
        message: "replicas must be at most scaling.maxReplicas",
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
export type ModelSpec = Omit<ModelManifest["spec"], "source"> & { source: { bundle: string } };

/** A Model as the API and the store have it: its source is always a bundle digest. */
export type Model = Omit<ModelManifest, "spec"> & { spec: ModelSpec };

/** One entry of `spec.traffic`; read its share with `percentOf`. */
export type TrafficTarget = z.output<typeof trafficTargetSchema>;
