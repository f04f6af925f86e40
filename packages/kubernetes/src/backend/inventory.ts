import { createHash } from "node:crypto";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";

/** What was applied beside a Deployment, and as what: `API-VERSION/KIND/NAME` to a hash of its text. */
export type Inventory = Readonly<Record<string, string>>;

/** The inventory of rendered objects. */
export function inventoryOf(objects: readonly KubernetesObject[]): Inventory {
  return Object.fromEntries(objects.map((object) => [entryOf(object), hash(object)]).sort());
}

/** The key of an object in an inventory. */
export function entryOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion}/${kind}/${metadata.name}`;
}

/** What an entry is of. */
export function fromEntry(entry: string): { readonly apiVersion: string; readonly kind: string; readonly name: string } {
  const parts = entry.split("/");
  const [kind = "", name = ""] = parts.slice(-2);
  return { apiVersion: parts.slice(0, -2).join("/"), kind, name };
}

/** An inventory as an annotation has it; empty when it has none that can be read. */
export function readInventory(text: string | undefined): Inventory {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Inventory) : {};
  } catch {
    return {};
  }
}

function hash(object: KubernetesObject): string {
  return createHash("sha256").update(JSON.stringify(object)).digest("hex").slice(0, 12);
}
