import { z } from "zod";
import { coreApiVersion } from "../kinds/kind.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { timestamp } from "../values/timestamp.ts";
import { wholeNumber } from "../values/whole-number.ts";

const objectReferenceSchema = z.strictObject({
  apiVersion: z.string().exactOptional().describe("API version of the object."),
  kind: z.string().exactOptional().describe("Kind of the object."),
  namespace: z.string().exactOptional().describe("Namespace of the object."),
  name: z.string().exactOptional().describe("Name of the object."),
  uid: z.string().exactOptional().describe("UID of the object."),
  resourceVersion: z.string().exactOptional().describe("Version of the object the reference was made at."),
  fieldPath: z.string().exactOptional().describe("The part of the object that is meant, e.g. spec.source."),
});

/** See core/v1 ObjectReference of Kubernetes. */
export type ObjectReference = z.output<typeof objectReferenceSchema>;

/** Something that happened to an object, as Kubernetes' core/v1 Event. */
export const eventSchema = z
  .strictObject({
    apiVersion: z.literal(coreApiVersion).describe("Version of this schema."),
    kind: z.literal("Event").describe("The kind of this object."),
    metadata: objectMetaSchema,
    involvedObject: objectReferenceSchema.meta({ "x-kubernetes-map-type": "atomic" }).describe("The object it happened to."),
    reason: z.string().max(128).exactOptional().describe("Why, as one CamelCase word that programs may compare."),
    message: z.string().exactOptional().describe("What happened, in a sentence for people."),
    type: z.enum(["Normal", "Warning"]).exactOptional().describe("Normal, or Warning when someone should look."),
    count: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("How often it happened."),
    firstTimestamp: timestamp().exactOptional().describe("When it first happened."),
    lastTimestamp: timestamp().exactOptional().describe("When it last happened."),
    eventTime: timestamp().exactOptional().describe("When it was first observed."),
    source: z
      .strictObject({
        component: z.string().exactOptional().describe("Component that reports it."),
        host: z.string().exactOptional().describe("Machine it is reported from."),
      })
      .exactOptional()
      .describe("Who reports it."),
    reportingComponent: z.string().exactOptional().describe("Controller that reports it, e.g. slipway.dev/control."),
    reportingInstance: z.string().max(128).exactOptional().describe("Instance of that controller."),
    action: z.string().max(128).exactOptional().describe("What was done, or failed to be done."),
    related: objectReferenceSchema
      .exactOptional()
      .meta({ "x-kubernetes-map-type": "atomic" })
      .describe("A second object it is about."),
    series: z
      .strictObject({
        count: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("How often it happened in the series."),
        lastObservedTime: timestamp().exactOptional().describe("When it last happened in the series."),
      })
      .exactOptional()
      .describe("The series it belongs to, if it happens again and again."),
  })
  .describe("Something that happened to an object.");

/** See {@link eventSchema}. */
export type Event = z.output<typeof eventSchema>;
