import type { ManagedFieldsEntry } from "@slipway/spec";
import type { FieldSet } from "./field-set.ts";

/** One manager in one role, and the fields it owns. */
export interface Manager {
  readonly name: string;
  readonly operation: ManagedFieldsEntry["operation"];
  readonly apiVersion: string;
  readonly subresource?: string;
  /** RFC 3339, when it last changed one of its fields. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** The managers of an object by {@link managerId}. A manager that owns nothing is not in it. */
export type Managers = ReadonlyMap<string, Manager>;

/** What makes two entries the same manager: everything but its fields and time. */
export function managerId(manager: Pick<Manager, "name" | "operation" | "apiVersion" | "subresource">): string {
  return JSON.stringify([manager.operation, manager.name, manager.apiVersion, manager.subresource ?? ""]);
}
