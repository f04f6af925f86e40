import { z } from "zod";
import { found } from "../values/found.ts";
import { qualifiedNameProblem } from "../values/label.ts";
import { quantity } from "../values/quantity-schema.ts";
import { wholeNumber } from "../values/whole-number.ts";

/** As `IsExtendedResourceName` of Kubernetes: a name with a prefix that is not Kubernetes' own. */
const deviceName = z
  .string()
  .superRefine((name, context) => {
    const message = deviceNameProblem(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta({
    pattern: "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
    maxLength: 308,
    "x-kubernetes-validations": [
      {
        rule: "!self.contains('kubernetes.io/') && !self.startsWith('requests.')",
        message: "must be a resource of a device plugin, such as nvidia.com/gpu",
      },
    ],
  });

const gpuSchema = z.strictObject({
  name: deviceName.describe("The resource's name on the cluster's nodes, such as nvidia.com/gpu or amd.com/gpu."),
  count: wholeNumber()
    .min(1)
    .max(1024)
    .meta({ format: "int32" })
    .describe("How many each replica gets for itself; a part of one cannot be asked for."),
});

/** Limits of one replica. All are optional and have no default. */
export const resourcesSchema = z.strictObject({
  cpu: quantity({ least: "1m", unit: "cores", example: "500m" })
    .exactOptional()
    .describe("CPU each replica may use, in cores: 500m is half a core. At least 1m."),
  memory: quantity({ least: "1Mi", unit: "bytes", example: "256Mi", whole: true })
    .exactOptional()
    .describe("Memory each replica may use, in bytes: 256Mi. At least 1Mi."),
  gpu: gpuSchema.exactOptional().describe("GPUs, or other devices, of each replica. In a cluster only."),
});

/** See {@link resourcesSchema}. */
export type Resources = z.output<typeof resourcesSchema>;

function deviceNameProblem(name: string): string | undefined {
  const expected = "expected a resource of a device plugin, such as nvidia.com/gpu";
  const problem = qualifiedNameProblem(name);
  if (problem !== undefined) return `${expected}: ${problem}`;
  if (!name.includes("/") || name.includes("kubernetes.io/") || name.startsWith("requests."))
    return `${expected}; found ${found(name)}`;
  return undefined;
}
