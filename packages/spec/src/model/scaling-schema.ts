import { z } from "zod";
import { wholeNumber } from "../values/whole-number.ts";
import { mostReplicas } from "./most-replicas.ts";

/**
 * A replica's request is its limit too, so it never uses more than 100 %, and Kubernetes adds replicas only when usage is a tenth above the
 * target (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details): a higher target would do nothing.
 */
const highestTarget = 90;

const metricSchema = z.strictObject({
  type: z.enum(["cpu", "memory"]).describe("What is measured. resources must set it: the target is a part of it."),
  target: wholeNumber()
    .min(1)
    .max(highestTarget, {
      error: ({ input }) =>
        `expected at most ${highestTarget}, found the number ${input}: replicas are added when usage is a tenth above the target, and it cannot be above 100`,
    })
    .meta({ format: "int32" })
    .describe("Percent of resources.cpu or resources.memory that replicas shall use on average."),
});

/** How many replicas there may be, and what decides between. */
export const scalingSchema = z
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
    metrics: z
      .array(metricSchema)
      .max(2)
      .exactOptional()
      .meta({
        description:
          "What a cluster scales by, between minReplicas and maxReplicas; with several, the one that wants most replicas decides. No effect while replicas is set, nor on one machine.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
      }),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "!has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
        message: "minReplicas must be at most maxReplicas",
      },
    ],
  });
