import type { Column } from "../kinds/kind-info.ts";
import { ageColumn, nameColumn } from "../kinds/standard-columns.ts";

/** What `kubectl get namespaces` shows. */
export const namespaceColumns: readonly Column<"Namespace">[] = [
  nameColumn,
  {
    name: "Status",
    type: "string",
    priority: 0,
    description: "Active, or Terminating once deletion was asked for.",
    jsonPath: ".status.phase",
    value: (namespace) =>
      namespace.status?.phase ?? (namespace.metadata.deletionTimestamp === undefined ? "Active" : "Terminating"),
  },
  ageColumn,
];
