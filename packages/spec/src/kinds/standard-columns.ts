import { age } from "./age.ts";
import type { Column } from "./kind-info.ts";

/** The column that names the object. */
export const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  priority: 0,
  description: "Name of the object.",
  jsonPath: ".metadata.name",
  value: (resource) => resource.metadata.name,
};

/** The column that tells when the object was made. */
export const ageColumn: Column = {
  name: "Age",
  type: "date",
  priority: 0,
  description: "How long ago the object was created.",
  jsonPath: ".metadata.creationTimestamp",
  value: (resource, now) => age(resource.metadata.creationTimestamp, now),
};

/** What a column shows when there is nothing to show, as kubectl does. */
export const none = "<none>";
