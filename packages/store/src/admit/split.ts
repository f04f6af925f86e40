import { type Kind, kinds } from "@slipway/spec";
import type { WriteOptions } from "../store.ts";

/** An object of any kind before it is checked. */
export interface Draft {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

type Subresource = WriteOptions["subresource"];

/** The whole object a write asks for: of `next` only what its door lets through, all else as it was in `old`. */
export function split(kind: Kind, old: Draft | undefined, next: Draft, subresource: Subresource): Draft {
  if (old !== undefined && subresource === "status") {
    return { ...without(old, "status"), ...(next.status === undefined ? {} : { status: next.status }) };
  }
  if (old !== undefined && subresource === "scale") {
    const replicas = next.spec?.replicas;
    return { ...old, spec: { ...without(old.spec ?? {}, "replicas"), ...(replicas === undefined ? {} : { replicas }) } };
  }
  if (!kinds[kind].subresources.status) return next;
  return { ...without(next, "status"), ...(old?.status === undefined ? {} : { status: old.status }) };
}

/** The part of an applied configuration that its door lets through: what its manager will own. */
export function applicable(kind: Kind, config: Draft, subresource: Subresource): Draft {
  const { name, namespace } = config.metadata ?? {};
  const identity = defined({ name, namespace });
  const type = defined({ apiVersion: config.apiVersion, kind: config.kind });
  if (subresource === "status") return { ...type, metadata: identity, ...defined({ status: config.status }) };
  if (subresource === "scale") return { ...type, metadata: identity, spec: defined({ replicas: config.spec?.replicas }) };
  const metadata = Object.fromEntries(Object.entries(config.metadata ?? {}).filter(([field]) => !serverSet.includes(field)));
  return { ...(kinds[kind].subresources.status ? without(config, "status") : config), metadata };
}

/** Metadata that only the server writes; in a configuration it is what an earlier answer said, and is not applied. */
const serverSet = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
];

function without<T extends object>(value: T, field: string): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)) as T;
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
