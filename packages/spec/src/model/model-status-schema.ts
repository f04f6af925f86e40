import { z } from "zod";
import { conditionsSchema } from "../meta/condition.ts";
import { timestamp } from "../values/timestamp.ts";
import { wholeNumber } from "../values/whole-number.ts";

const instanceSchema = z.strictObject({
  name: z.string().min(1).describe("Name of the replica: its revision and a number."),
  revision: z.string().min(1).describe("Revision it serves."),
  state: z.enum(["starting", "ready", "draining", "failed"]).describe("What it is doing."),
  pid: wholeNumber().min(1).exactOptional().describe("Process id, where replicas are processes on one machine."),
  node: z.string().min(1).exactOptional().describe("Node it runs on, where replicas are pods of a cluster."),
  startedAt: timestamp().exactOptional().describe("When it was last started."),
  restarts: wholeNumber().min(0).describe("Failed starts and crashes in a row."),
  message: z.string().exactOptional().describe("What is wrong with it, in one sentence."),
  limits: z.string().exactOptional().describe("How its resource limits are enforced here, e.g. cgroup."),
});

/** What is observed of a Model. */
export const modelStatusSchema = z.strictObject({
  observedGeneration: wholeNumber().min(0).exactOptional().describe("The metadata.generation this status speaks of."),
  replicas: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("Replicas there are, ready or not."),
  readyReplicas: wholeNumber().min(0).exactOptional().meta({ format: "int32" }).describe("Replicas that answer requests."),
  selector: z.string().exactOptional().describe("Label selector of the replicas, for the scale subresource."),
  latestRevision: z.string().exactOptional().describe("Name of the Revision made from the spec as it is now."),
  url: z.string().exactOptional().describe("Where the model answers."),
  conditions: conditionsSchema
    .exactOptional()
    .describe(
      "Observations: Ready, Progressing, ResourceLimitsEnforced, NetworkPolicyEnforced, Sandboxed; Autoscaling and PlacementHonoured where the spec asks for them; Stalled while nothing but a change of the spec helps.",
    ),
  traffic: z
    .array(
      z.strictObject({
        revision: z.string().min(1).describe("Name of the Revision."),
        percent: wholeNumber().min(0).max(100).describe("Share of requests it gets."),
      }),
    )
    .exactOptional()
    .meta({
      description: "How requests are split now.",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["revision"],
    }),
  instances: z
    .array(instanceSchema)
    .exactOptional()
    .meta({
      description: "The replicas there are.",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    }),
});

/** `status` of a Model. */
export type ModelStatus = z.output<typeof modelStatusSchema>;

/** One replica in a Model's status. */
export type ModelInstance = z.output<typeof instanceSchema>;
