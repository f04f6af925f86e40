import type { FieldProblem } from "@slipway/base";
import { metadataRules } from "../meta/metadata-rules.ts";
import type { Partially } from "../parse/partially.ts";
import { dnsSubdomainProblem } from "../values/dns-name.ts";
import { found } from "../values/found.ts";
import type { Event } from "./event-schema.ts";

/** Rules of an Event: it is in the namespace of the object it is about. */
export function eventRules(event: Partially<Event>): FieldProblem[] {
  const problems = metadataRules(event.metadata, { namespaced: true, nameProblem: dnsSubdomainProblem });
  const own = event.metadata?.namespace;
  const about = event.involvedObject?.namespace;
  if (own !== undefined && about !== undefined && about !== "" && own !== about) {
    const message = `expected the event's own namespace, "${own}"; found ${found(about)}`;
    problems.push({ path: "involvedObject.namespace", message, reason: "FieldValueInvalid" });
  }
  return problems;
}
