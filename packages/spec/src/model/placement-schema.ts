import { z } from "zod";
import { kubernetesName } from "../values/kubernetes-name.ts";
import { labelValueProblem, qualifiedNameProblem } from "../values/label.ts";
import { wholeNumber } from "../values/whole-number.ts";

/** A field whose text one of our functions judges. */
const checked = (problem: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = problem(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const labelValue = checked(labelValueProblem).meta({ pattern: "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", maxLength: 63 });

const key = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const keyPattern = key.source.replaceAll("\\/", "/");

const mostLabels = 32;

const nodeSelector = z
  .record(z.string(), labelValue)
  .superRefine((selector, context) => {
    const keys = Object.keys(selector);
    if (keys.length > mostLabels)
      context.addIssue({ code: "custom", message: `expected at most ${mostLabels} labels, found ${keys.length}` });
    for (const each of keys) {
      const message = qualifiedNameProblem(each);
      if (message !== undefined) context.addIssue({ code: "custom", path: [each], message });
    }
  })
  .meta({
    maxProperties: mostLabels,
    "x-kubernetes-validations": [
      {
        rule: `self.all(k, size(k) <= 317 && k.matches('${keyPattern}'))`,
        message: "each key must be one that a label can have",
      },
    ],
  });

const tolerationSchema = z
  .strictObject({
    key: checked(qualifiedNameProblem)
      .meta({ pattern: keyPattern, maxLength: 317 })
      .exactOptional()
      .describe("Key of the taint; every taint when not set, with operator Exists."),
    operator: z.enum(["Equal", "Exists"]).default("Equal").describe("Whether the taint must have this value, or just be there."),
    value: labelValue.exactOptional().describe("Value of the taint, with operator Equal; empty when not set."),
    effect: z
      .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
      .exactOptional()
      .describe("Effect of the taint; every effect when not set."),
    tolerationSeconds: wholeNumber()
      .min(0)
      .exactOptional()
      .describe("Seconds a replica stays on a node that gets the taint, with effect NoExecute; for ever when not set."),
  })
  .superRefine(({ key, operator, value, effect, tolerationSeconds }, context) => {
    const add = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (key === undefined && operator !== "Exists")
      add("key", "expected the key of a taint; for every taint set operator: Exists");
    if (value !== undefined && operator === "Exists")
      add("value", "expected no value with operator Exists; leave it out, or set operator: Equal");
    if (tolerationSeconds !== undefined && effect !== "NoExecute")
      add("tolerationSeconds", "expected only with effect: NoExecute, the one effect that ends replicas");
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "has(self.key) || self.operator == 'Exists'", message: "a toleration without a key needs operator: Exists" },
      { rule: "!has(self.value) || self.operator == 'Equal'", message: "a value needs operator: Equal" },
      {
        rule: "!has(self.tolerationSeconds) || (has(self.effect) && self.effect == 'NoExecute')",
        message: "tolerationSeconds needs effect: NoExecute",
      },
    ],
  });

/** Which nodes of a cluster replicas may run on, and what they need to be let there. */
export const placementSchema = z.strictObject({
  nodeSelector: nodeSelector.exactOptional().describe("Labels a node must have."),
  tolerations: z
    .array(tolerationSchema)
    .max(32)
    .exactOptional()
    .meta({ description: "Taints of nodes that keep replicas away no longer.", "x-kubernetes-list-type": "atomic" }),
  spread: z
    .array(z.enum(["zone", "node"]))
    .min(1)
    .max(2)
    .exactOptional()
    .meta({
      description:
        "Over what the replicas of a revision are spread as evenly as there is room: zone, node or both. Over nodes when not set. A replica that fits only unevenly still runs.",
      "x-kubernetes-list-type": "set",
    }),
  priorityClassName: kubernetesName()
    .exactOptional()
    .describe("PriorityClass of the replicas; the cluster's default when not set."),
  imagePullSecrets: z.array(kubernetesName()).max(16).exactOptional().meta({
    description: "Names of Secrets in the Model's namespace by which source.image is pulled.",
    "x-kubernetes-list-type": "set",
  }),
  architecture: z
    .enum(["amd64", "arm64"])
    .exactOptional()
    .describe("Processor architecture of the nodes; any that the image has when not set."),
});

/** See {@link placementSchema}. */
export type Placement = z.output<typeof placementSchema>;
