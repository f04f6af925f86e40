import type { Instant } from "@slipway/base";
import type { Kind, KindInfo, Resource } from "@slipway/spec";
import type { Form } from "./negotiate.ts";

/** `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** How one request shows objects. `rows` is how much of the object a table's row carries (`includeObject`). */
export interface Presentation {
  readonly form: Form;
  readonly rows: "None" | "Metadata" | "Object";
  readonly info: KindInfo;
  readonly now: Instant;
}

/** One object in the form asked for. */
export function presentOne(presentation: Presentation, resource: Resource): unknown {
  switch (presentation.form) {
    case "object":
      return resource;
    case "partial":
      return partial(resource);
    case "table":
      return table(presentation, [resource], { resourceVersion: resource.metadata.resourceVersion ?? "" }, true);
  }
}

/** A list in the form asked for. */
export function presentList(presentation: Presentation, items: readonly Resource[], metadata: ListMeta): unknown {
  const { info } = presentation;
  switch (presentation.form) {
    case "object":
      return { kind: `${info.kind}List`, apiVersion: info.apiVersion, metadata, items };
    case "partial":
      return { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items: items.map(partial) };
    case "table":
      return table(presentation, items, metadata, true);
  }
}

/** The object of a watch event; of tables only the first carries the columns. */
export function presentEvent(presentation: Presentation, resource: Resource, first: boolean): unknown {
  if (presentation.form !== "table") return presentOne(presentation, resource);
  return table(presentation, [resource], { resourceVersion: resource.metadata.resourceVersion ?? "" }, first);
}

/** The object of a bookmark: nothing but the version that has been seen, and whether the initial objects end here. */
export function presentBookmark(presentation: Presentation, version: string, initialEnd: boolean): unknown {
  const metadata = {
    resourceVersion: version,
    ...(initialEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
  };
  switch (presentation.form) {
    case "object":
      return { kind: presentation.info.kind, apiVersion: presentation.info.apiVersion, metadata };
    case "partial":
      return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
    case "table": {
      const row = { cells: [], object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata } };
      return {
        kind: "Table",
        apiVersion: "meta.k8s.io/v1",
        metadata: { resourceVersion: version },
        columnDefinitions: null,
        rows: [row],
      };
    }
  }
}

function partial(resource: Resource): unknown {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: resource.metadata };
}

function table({ info, now, rows }: Presentation, items: readonly Resource[], metadata: ListMeta, withColumns: boolean): unknown {
  // A kind's columns read objects of that kind only; items are of the kind listed.
  const { columns } = info as KindInfo<Kind>;
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns
      ? columns.map(({ name, type, format, description, priority }) => ({
          name,
          type,
          format: format ?? "",
          description,
          priority,
        }))
      : null,
    rows: items.map((item) => ({
      cells: columns.map((column) => column.value(item, now)),
      object: rows === "None" ? null : rows === "Object" ? item : partial(item),
    })),
  };
}
