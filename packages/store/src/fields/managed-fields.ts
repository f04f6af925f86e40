import type { ManagedFieldsEntry } from "@slipway/spec";
import { isEmpty } from "./field-set.ts";
import { fromFieldsV1, toFieldsV1 } from "./fields-v1.ts";
import { isObject } from "./is-object.ts";
import { type Manager, type Managers, managerId } from "./manager.ts";

function isEntry(value: unknown): value is ManagedFieldsEntry {
  if (!isObject(value)) return false;
  const texts = [value.manager, value.apiVersion, value.time ?? "", value.subresource ?? ""];
  return texts.every((text) => typeof text === "string") && (value.operation === "Apply" || value.operation === "Update");
}

/** Reads `metadata.managedFields`; undefined if it is not well-formed. */
export function readManagedFields(entries: unknown): Managers | undefined {
  if (entries === undefined) return new Map();
  if (!Array.isArray(entries)) return undefined;
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    if (!isEntry(entry)) return undefined;
    const fields = fromFieldsV1(entry.fieldsV1);
    if (fields === undefined) return undefined;
    if (isEmpty(fields)) continue;
    const manager: Manager = {
      name: entry.manager,
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      ...(entry.subresource === undefined ? {} : { subresource: entry.subresource }),
      ...(entry.time === undefined ? {} : { time: entry.time }),
      fields,
    };
    managers.set(managerId(manager), manager);
  }
  return managers;
}

/** Writes managers as `metadata.managedFields`, in Kubernetes' order: appliers first, then by time and name. */
export function writeManagedFields(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()].sort(inOrder).map((manager) => ({
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(manager.fields),
    ...(manager.subresource === undefined ? {} : { subresource: manager.subresource }),
  }));
}

function inOrder(a: Manager, b: Manager): number {
  const keys = (m: Manager) => [m.operation, m.time ?? "", m.name, m.apiVersion, m.subresource ?? ""];
  const right = keys(b);
  for (const [index, left] of keys(a).entries()) {
    if (left !== right[index]) return left < right[index]! ? -1 : 1;
  }
  return 0;
}
