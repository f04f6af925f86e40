import type { FieldProblem } from "@slipway/base";
import { metadataRules } from "../meta/metadata-rules.ts";
import type { Partially } from "../parse/partially.ts";
import { dnsLabelProblem } from "../values/dns-name.ts";
import { found } from "../values/found.ts";
import type { Revision } from "./revision-schema.ts";

/** Rules of a Revision that span fields. */
export function revisionRules(revision: Partially<Revision>): FieldProblem[] {
  const model = revision.spec?.model;
  const nameProblem = (name: string) => {
    const problem = dnsLabelProblem(name);
    if (problem !== undefined || model === undefined) return problem;
    const hash = name.startsWith(`${model}-`) ? name.slice(model.length + 1) : "";
    return /^[0-9a-f]{10}$/.test(hash) ? undefined : `expected "${model}-" and ten hexadecimal digits, found ${found(name)}`;
  };
  return metadataRules(revision.metadata, { namespaced: true, nameProblem });
}
