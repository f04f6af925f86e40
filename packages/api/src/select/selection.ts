import type { Kind, Resource } from "@slipway/spec";
import { parseFieldSelector } from "./field-selector.ts";
import { parseLabelSelector } from "./label-selector.ts";

/** Which objects of a kind a request is about. */
export interface Selection {
  readonly namespace: string | undefined;
  /** The only name that can match, if there is one: it lets a watch ignore all others for ever. */
  readonly name: string | undefined;
  /** Whether there is a selector at all. */
  readonly filtered: boolean;
  matches(resource: Resource): boolean;
}

/** The selection of a list, watch or deletion of many. Throws `badRequest`. */
export function selectionOf(kind: Kind, namespace: string | undefined, query: URLSearchParams): Selection {
  const labels = query.get("labelSelector") ?? "";
  const fields = query.get("fieldSelector") ?? "";
  const byLabels = parseLabelSelector(labels);
  const byFields = parseFieldSelector(kind, fields);
  return {
    namespace,
    name: byFields.name,
    filtered: labels.trim() !== "" || fields.trim() !== "",
    matches: (resource) => byLabels(resource.metadata.labels) && byFields.matches(resource),
  };
}
