import type { Resource } from "@slipway/spec";

/** What of an object its author decides: without status, and without what the server keeps in metadata. */
export function desiredState(resource: Resource): Record<string, unknown> {
  const { apiVersion, kind, metadata, status: _, ...rest } = resource as Resource & { status?: unknown };
  const { name, namespace, labels, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...rest,
  };
}

/** The object without `metadata.managedFields`, which only machines read. */
export function withoutManagedFields<R extends Resource>(resource: R): R {
  const { managedFields: _, ...metadata } = resource.metadata;
  return { ...resource, metadata };
}
