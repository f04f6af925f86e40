import { SlipwayError } from "@slipway/base";
import { isJsonObject, type JsonObject } from "../body/json-object.ts";

/** How the lists of the core kinds merge, as `patchStrategy` and `patchMergeKey` of Kubernetes' types say; other lists are replaced. */
const lists: Readonly<Record<string, { readonly key: string | undefined }>> = {
  "metadata.finalizers": { key: undefined },
  "metadata.ownerReferences": { key: "uid" },
  "spec.finalizers": { key: undefined },
  "status.conditions": { key: "type" },
};

/** Applies a strategic merge patch to an object of a core kind. Directives (`$patch`, `$setElementOrder/…`, …) are refused. Throws `badRequest`. */
export function strategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  return merge(target, patch, "");
}

function merge(target: JsonObject, patch: JsonObject, path: string): JsonObject {
  const merged: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const here = path === "" ? key : `${path}.${key}`;
    refuseDirective(key, here);
    if (value === null) delete merged[key];
    else if (isJsonObject(value)) merged[key] = merge(isJsonObject(merged[key]) ? merged[key] : {}, value, here);
    else if (Array.isArray(value)) merged[key] = mergeList(merged[key], value, here);
    else merged[key] = value;
  }
  return merged;
}

function mergeList(target: unknown, patch: readonly unknown[], path: string): unknown[] {
  for (const item of patch) if (isJsonObject(item)) for (const key of Object.keys(item)) refuseDirective(key, path);
  const strategy = lists[path];
  if (strategy === undefined || !Array.isArray(target)) return [...patch];
  const { key } = strategy;
  if (key === undefined) return [...new Set([...target, ...patch])];
  const merged: unknown[] = [...target];
  for (const item of patch) {
    const index = merged.findIndex((other) => isJsonObject(other) && isJsonObject(item) && other[key] === item[key]);
    const found = merged[index];
    if (isJsonObject(found) && isJsonObject(item)) merged[index] = merge(found, item, path);
    else merged.push(item);
  }
  return merged;
}

function refuseDirective(key: string, path: string): void {
  if (!key.startsWith("$")) return;
  throw new SlipwayError("badRequest", `The strategic merge directive ${JSON.stringify(key)} at ${path} is not supported.`, {
    hint: "Use a JSON patch, a merge patch or server-side apply.",
  });
}
