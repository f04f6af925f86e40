import type { FieldProblem } from "@slipway/base";
import { eventRules } from "../event/event-rules.ts";
import { modelRules } from "../model/model-rules.ts";
import { namespaceRules } from "../namespace/namespace-rules.ts";
import type { Partially } from "../parse/partially.ts";
import { revisionRules } from "../revision/revision-rules.ts";
import { secretRules } from "../secret/secret-rules.ts";
import type { Kind } from "./kind.ts";
import type { Manifest } from "./resource.ts";

/** What a schema cannot say: names, and rules across fields. They see only fields that are right by themselves. */
export const rules: {
  readonly [K in Kind]: (value: Partially<Manifest<K>>, source: "api" | "cli") => FieldProblem[];
} = {
  Model: modelRules,
  Revision: revisionRules,
  Namespace: namespaceRules,
  Secret: secretRules,
  Event: eventRules,
};
