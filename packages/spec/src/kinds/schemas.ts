import type { z } from "zod";
import { eventSchema } from "../event/event-schema.ts";
import { modelSchema } from "../model/model-schema.ts";
import { namespaceSchema } from "../namespace/namespace-schema.ts";
import { revisionSchema } from "../revision/revision-schema.ts";
import { secretSchema } from "../secret/secret-schema.ts";
import type { Kind } from "./kind.ts";

/** The schema of every kind: the one source of types, defaults, checks, JSON Schema and CRD. */
export const schemas = {
  Model: modelSchema,
  Revision: revisionSchema,
  Namespace: namespaceSchema,
  Secret: secretSchema,
  Event: eventSchema,
} as const satisfies Record<Kind, z.ZodType>;
