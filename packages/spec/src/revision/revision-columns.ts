import type { Column } from "../kinds/kind-info.ts";
import { ageColumn, nameColumn, none } from "../kinds/standard-columns.ts";

/** What `kubectl get revisions` shows. */
export const revisionColumns: readonly Column<"Revision">[] = [
  nameColumn,
  {
    name: "Model",
    type: "string",
    priority: 0,
    description: "The Model it was made from.",
    jsonPath: ".spec.model",
    value: (revision) => revision.spec.model,
  },
  {
    name: "Number",
    type: "integer",
    priority: 0,
    description: "Counts the revisions of the Model.",
    jsonPath: ".spec.number",
    value: (revision) => revision.spec.number,
  },
  {
    name: "State",
    type: "string",
    priority: 0,
    description: "Active, Retired or Failed.",
    jsonPath: ".status.state",
    value: (revision) => revision.status?.state ?? none,
  },
  {
    name: "Replicas",
    type: "integer",
    priority: 0,
    description: "Replicas that answer requests.",
    jsonPath: ".status.readyReplicas",
    value: (revision) => revision.status?.readyReplicas ?? 0,
  },
  {
    name: "Bundle",
    type: "string",
    priority: 1,
    description: "Digest of the bundle.",
    jsonPath: ".spec.source.bundle",
    value: (revision) => revision.spec.source.bundle,
  },
  {
    name: "Image",
    type: "string",
    priority: 1,
    description: "The image that a cluster runs.",
    jsonPath: ".spec.source.image",
    value: (revision) => revision.spec.source.image ?? none,
  },
  ageColumn,
];
