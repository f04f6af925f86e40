import type { FieldProblem } from "@slipway/base";
import { metadataRules } from "../meta/metadata-rules.ts";
import type { Partially } from "../parse/partially.ts";
import { dnsLabelProblem } from "../values/dns-name.ts";
import type { Namespace } from "./namespace-schema.ts";

/** Rules of a Namespace: its name is a DNS label, and it is in no namespace. */
export function namespaceRules(namespace: Partially<Namespace>): FieldProblem[] {
  return metadataRules(namespace.metadata, { namespaced: false, nameProblem: (name) => dnsLabelProblem(name) });
}
