import { SlipwayError } from "@slipway/base";
import type { Kind, Resource } from "@slipway/spec";
import { isJsonObject } from "../body/json-object.ts";

/** Fields every kind is selected by; Kubernetes supports no others for custom resources. */
const everywhere = ["metadata.name", "metadata.namespace"];

/** What Kubernetes supports beyond them for its own kinds. */
const perKind: { readonly [K in Kind]?: readonly string[] } = {
  Event: [
    "involvedObject.apiVersion",
    "involvedObject.fieldPath",
    "involvedObject.kind",
    "involvedObject.name",
    "involvedObject.namespace",
    "involvedObject.resourceVersion",
    "involvedObject.uid",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  Namespace: ["status.phase"],
  Secret: ["type"],
};

/** A field selector taken apart: what it says of the name, which never changes, and everything as a predicate. */
export interface FieldSelector {
  /** The only name that can match, when the selector says so. */
  readonly name: string | undefined;
  matches(resource: Resource): boolean;
}

/** Parses `metadata.name=x,type!=Normal`; a field that the kind is not selected by is refused. Throws `badRequest`. */
export function parseFieldSelector(kind: Kind, text: string): FieldSelector {
  const supported = [...everywhere, ...(perKind[kind] ?? [])];
  const terms = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const match = /^([^=!\s]+)\s*(==|=|!=)\s*(.*)$/.exec(part);
      if (match === null) {
        throw new SlipwayError("badRequest", `invalid field selector ${JSON.stringify(part)}.`, {
          hint: "Use field=value or field!=value.",
        });
      }
      const field = match[1]!;
      if (!supported.includes(field)) {
        throw new SlipwayError("badRequest", `field label not supported: ${field}.`, {
          hint: `Supported: ${supported.join(", ")}.`,
        });
      }
      return { field, equal: match[2] !== "!=", wanted: match[3]! };
    });
  return {
    name: terms.find((term) => term.field === "metadata.name" && term.equal)?.wanted,
    matches: (resource) => terms.every((term) => (read(resource, term.field) === term.wanted) === term.equal),
  };
}

/** A field as text; absent is empty, as in Kubernetes. */
function read(resource: Resource, field: string): string {
  // The one name that is not a path: an event's source is its component.
  const path = field === "source" && resource.kind === "Event" ? "source.component" : field;
  let value: unknown = resource;
  for (const part of path.split(".")) value = isJsonObject(value) ? value[part] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
