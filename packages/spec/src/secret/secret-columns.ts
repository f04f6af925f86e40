import type { Column } from "../kinds/kind-info.ts";
import { ageColumn, nameColumn } from "../kinds/standard-columns.ts";

/** What `kubectl get secrets` shows: never the data. */
export const secretColumns: readonly Column<"Secret">[] = [
  nameColumn,
  {
    name: "Type",
    type: "string",
    priority: 0,
    description: "What kind of secret it is.",
    jsonPath: ".type",
    value: (secret) => secret.type,
  },
  {
    name: "Data",
    type: "integer",
    priority: 0,
    description: "How many keys it has.",
    value: (secret) => Object.keys(secret.data ?? {}).length,
  },
  ageColumn,
];
