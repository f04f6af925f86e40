import type { FieldStructure } from "@slipway/spec";
import type { FieldPath } from "./field-set.ts";
import { isObject } from "./is-object.ts";

/** A list whose items have owners of their own. */
export type OwnedList = Extract<FieldStructure, { type: "map-list" | "set-list" }>;

/** The path element of a named field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The path element of a list item: its keys, or for a set its value. Undefined if the item lacks a key. */
export function itemElement(structure: OwnedList, item: unknown): string | undefined {
  if (structure.type === "set-list") return `v:${JSON.stringify(item)}`;
  if (!isObject(item) || structure.keys.some((key) => item[key] === undefined)) return undefined;
  return `k:${JSON.stringify(Object.fromEntries([...structure.keys].sort().map((key) => [key, item[key]])))}`;
}

/** Items of a list by path element, in order; undefined if one has none. Of items with the same key the first counts, as in Kubernetes. */
export function itemsByElement(structure: OwnedList, list: readonly unknown[]): Map<string, unknown> | undefined {
  const items = new Map<string, unknown>();
  for (const item of list) {
    const element = itemElement(structure, item);
    if (element === undefined) return undefined;
    if (!items.has(element)) items.set(element, item);
  }
  return items;
}

/** A path as Kubernetes prints it: `.spec.traffic[revision="a"].percent`, `.metadata.finalizers[="x"]`. */
export function printPath(path: FieldPath): string {
  return path.map(printElement).join("");
}

function printElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith("f:")) return `.${rest}`;
  if (element.startsWith("v:")) return `[=${rest}]`;
  if (element.startsWith("i:")) return `[${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
