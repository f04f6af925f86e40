import type { Event } from "../event/event-schema.ts";
import type { Model, ModelManifest } from "../model/model-schema.ts";
import type { Namespace } from "../namespace/namespace-schema.ts";
import type { Revision } from "../revision/revision-schema.ts";
import type { Secret } from "../secret/secret-schema.ts";
import type { Kind } from "./kind.ts";

interface ResourceTypes {
  Model: Model;
  Revision: Revision;
  Namespace: Namespace;
  Secret: Secret;
  Event: Event;
}

/** An object of kind `K` as the API and the store have it: checked and defaulted. */
export type Resource<K extends Kind = Kind> = { [P in Kind]: ResourceTypes[P] }[K];

/** An object of kind `K` as the command line reads it: a Model's source may still be a path. */
export type Manifest<K extends Kind = Kind> = { [P in Kind]: P extends "Model" ? ModelManifest : ResourceTypes[P] }[K];
