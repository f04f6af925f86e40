import type { Column } from "../kinds/kind-info.ts";
import { ageColumn, nameColumn, none } from "../kinds/standard-columns.ts";

/** What `kubectl get models` shows. */
export const modelColumns: readonly Column<"Model">[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    priority: 0,
    description: "Whether the model answers requests as its spec wants.",
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    value: (model) => model.status?.conditions?.find((condition) => condition.type === "Ready")?.status ?? "Unknown",
  },
  {
    name: "Replicas",
    type: "integer",
    priority: 0,
    description: "Replicas that answer requests.",
    jsonPath: ".status.readyReplicas",
    value: (model) => model.status?.readyReplicas ?? 0,
  },
  {
    name: "Revision",
    type: "string",
    priority: 0,
    description: "The revision that requests go to; all of them, with their shares, when there are several.",
    jsonPath: ".status.traffic[0].revision",
    value: (model) => serving(model.status?.traffic ?? []),
  },
  {
    name: "URL",
    type: "string",
    priority: 1,
    description: "Where the model answers.",
    jsonPath: ".status.url",
    value: (model) => model.status?.url ?? none,
  },
  {
    name: "Image",
    type: "string",
    priority: 1,
    description: "The image that a cluster runs.",
    jsonPath: ".spec.source.image",
    value: (model) => model.spec.source.image ?? none,
  },
  ageColumn,
];

function serving(traffic: readonly { readonly revision: string; readonly percent: number }[]): string {
  const shares = traffic.filter((share) => share.percent > 0);
  if (shares.length === 0) return none;
  if (shares.length === 1) return shares[0]!.revision;
  return shares.map((share) => `${share.revision} ${share.percent} %`).join(", ");
}
