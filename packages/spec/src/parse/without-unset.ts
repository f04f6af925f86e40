import type { JsonSchema } from "../schema/json-schema.ts";
import { schemaInside } from "../schema/kind-json-schema.ts";

/**
 * A copy without the known fields that are null or undefined: Kubernetes takes null for "not set" and clients send it
 * (`creationTimestamp: null`). Unknown fields stay, so that they are still reported. `__proto__` is reported through `forbidden`
 * and left out: copying code would treat it specially.
 */
export function withoutUnset(
  value: unknown,
  schema: JsonSchema | undefined,
  forbidden: (path: readonly PropertyKey[]) => void,
  path: readonly PropertyKey[] = [],
): unknown {
  // What no schema describes is as deep as its sender likes: it is not walked.
  if (schema === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((each, index) => withoutUnset(each, items, forbidden, [...path, index]));
  }
  if (schema.type !== "object" || schema["x-kubernetes-preserve-unknown-fields"]) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    if (name === "__proto__") {
      forbidden([...path, name]);
      continue;
    }
    const inside = schemaInside(schema, name);
    if ((child === null || child === undefined) && inside !== undefined) continue;
    copy[name] = withoutUnset(child, inside, forbidden, [...path, name]);
  }
  return copy;
}
