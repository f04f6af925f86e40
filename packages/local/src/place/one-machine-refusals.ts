import type { FieldProblem } from "@slipway/base";
import type { Resource } from "@slipway/spec";

/** What of a resource cannot be had on one machine: it is refused with what to do. What only has no effect is accepted, for the same file goes to a cluster. */
export function oneMachineRefusals(resource: Resource): readonly FieldProblem[] {
  if (resource.kind !== "Model") return [];
  const { resources, secrets = [] } = resource.spec;
  const refused: [path: string, why: string][] = [];
  if (resources.gpu !== undefined) refused.push(["spec.resources.gpu", "nothing here gives a GPU to one replica alone"]);
  if (secrets.length > 0) refused.push(["spec.secrets", "replicas here get no Secret's value"]);
  return refused.map(([path, why]) => ({
    path,
    message: `not on one machine yet: ${why}; leave it out, or apply the Model to a cluster with --context`,
    reason: "FieldValueForbidden",
  }));
}
