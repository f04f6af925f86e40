import type { RevisionRun } from "@slipway/control";
import type { Key } from "@slipway/spec";

/** `NAMESPACE/NAME`. */
export function idOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** The Model of a run. */
export function keyOf({ namespace, model }: RevisionRun): Key {
  return { namespace, name: model };
}

/** A key as text. */
export function keyId({ namespace, name }: Key): string {
  return idOf(namespace ?? "", name);
}
