import { type Kind, kinds, type Resource } from "@slipway/spec";

/** An object as it came, frozen. Items of a list leave out what the list itself says. */
export function received<K extends Kind>(kind: K, value: unknown): Resource<K> {
  const { apiVersion } = kinds[kind];
  return freeze({ apiVersion, kind, ...(value as object) }) as unknown as Resource<K>;
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
