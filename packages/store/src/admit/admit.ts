import { isDeepStrictEqual } from "node:util";
import { type FieldProblem, type Instant, SlipwayError } from "@slipway/base";
import { type FieldStructure, fieldStructure, type Kind, kinds, parse, type Resource } from "@slipway/spec";
import { isObject } from "../fields/is-object.ts";
import { readManagedFields, writeManagedFields } from "../fields/managed-fields.ts";
import type { Managers } from "../fields/manager.ts";
import { ownByApply, ownByUpdate, untracked, type Writer } from "../fields/ownership.ts";
import { freeze } from "../freeze.ts";
import { invalid, notFound, uidOfNothing } from "../refusals.ts";
import type { WriteOptions } from "../store.ts";
import { dropNulls } from "./drop-nulls.ts";
import { refuseImmutableChanges } from "./immutable-fields.ts";
import { settleNamespace } from "./namespace-rules.ts";
import { keptMetadata, newMetadata } from "./settle-metadata.ts";
import { applicable, type Draft, split } from "./split.ts";
import { timestamp } from "./timestamp.ts";

/** One write, and all it depends on. */
export interface AdmitInput {
  /** The object as it is; without it the write creates. */
  readonly old?: Resource | undefined;
  /** What the writer sent, unchecked: the whole object, or with `Apply` the fields it wants. */
  readonly next: Resource;
  readonly subresource?: WriteOptions["subresource"];
  readonly manager: string;
  readonly operation?: WriteOptions["operation"];
  readonly force?: boolean | undefined;
  readonly now: Instant;
  /** Identity for the object if the write creates it. */
  readonly uid: string;
}

/**
 * What a write makes of an object: defaults, validation, system metadata, generation, status split and field ownership, as the Kubernetes API
 * server does. Pure. The result equals `old` if the write changes nothing; `resourceVersion` is left as it was, for the store to set.
 * Throws `invalid` with every problem, `conflict`, `badRequest`, or `notFound` for a subresource of nothing.
 */
export function admit(input: AdmitInput): Resource {
  const { subresource } = input;
  const kind = input.next.kind;
  checkDoor(input);
  const structure = fieldStructure(kind);
  const next = input.next as Draft;
  const writer: Writer = {
    name: input.manager,
    apiVersion: kinds[kind].apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
  };
  const { object, managers } =
    input.operation === "Apply" ? applied(input, next, writer, structure) : updated(input, next, writer, structure);
  const managedFields = writeManagedFields(managers);
  const { managedFields: _given, ...metadata } = object.metadata;
  const result = { ...object, metadata: { ...metadata, ...(managedFields.length === 0 ? {} : { managedFields }) } } as Resource;
  // As in Kubernetes: a write that would only set times of managers changes nothing.
  return input.old !== undefined && isDeepStrictEqual(withoutTimes(input.old), withoutTimes(result)) ? input.old : freeze(result);
}

function withoutTimes(object: Resource): unknown {
  const managedFields = object.metadata.managedFields?.map(({ time: _time, ...entry }) => entry);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** Of a Namespace the server sets spec and status, and nobody owns them. */
function tracked(object: Resource | Draft): Resource | Draft {
  if (object.kind !== "Namespace") return object;
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, metadata } as Draft;
}

interface Admitted {
  readonly object: Resource;
  readonly managers: Managers;
}

function updated(input: AdmitInput, next: Draft, writer: Writer, structure: FieldStructure): Admitted {
  const { old, subresource } = input;
  const object = settle(input, split(input.next.kind, old, next, subresource));
  const { managers, track } = startingManagers(old, subresource === undefined ? next.metadata?.managedFields : undefined);
  if (!track) return { object, managers };
  const before = tracked(old ?? bare(object));
  return { object, managers: ownByUpdate(managers, writer, before, tracked(object), structure, timestamp(input.now)) };
}

function applied(input: AdmitInput, next: Draft, writer: Writer, structure: FieldStructure): Admitted {
  const { old, subresource } = input;
  const kind = input.next.kind;
  refuseAppliedIdentity(input, next);
  const now = timestamp(input.now);
  const live = old ?? bare(next);
  const known = readManagedFields(old?.metadata.managedFields) ?? new Map();
  const before = old !== undefined && known.size === 0 ? untracked(old, writer.apiVersion, structure, now) : known;
  const config = applicable(kind, dropNulls(next, structure) as Draft, subresource);
  const { value, managers } = ownByApply(before, writer, live, config, {
    structure,
    force: input.force ?? false,
    now,
    creates: old === undefined,
  });
  return { object: settle(input, split(kind, old, value as Draft, subresource)), managers };
}

/** Checks and defaults the whole object, then sets what only the server may. */
function settle(input: AdmitInput, draft: Draft): Resource {
  const { old } = input;
  const kind = input.next.kind;
  const object = withoutEmptyMetadata(check(kind, draft));
  const settled = object.kind === "Namespace" ? settleNamespace(old, object) : object;
  if (old === undefined) return { ...settled, metadata: newMetadata(settled, input.uid, input.now) } as Resource;
  refuseImmutableChanges(old, settled);
  const specOf = (resource: Resource) => ("spec" in resource ? resource.spec : undefined);
  const specChanged = !isDeepStrictEqual(specOf(old), specOf(settled));
  return { ...settled, metadata: keptMetadata(old, settled, specChanged) } as Resource;
}

function check(kind: Kind, draft: Draft): Resource {
  // Ownership has its own reading of managedFields: what is not well-formed there is ignored, as Kubernetes does, not refused.
  const { managedFields: _unread, ...metadata } = isObject(draft.metadata) ? draft.metadata : {};
  const result = parse(kind, isObject(draft.metadata) ? { ...draft, metadata } : draft, { source: "api" });
  const problems = [...(result.ok ? [] : result.problems), ...namespaceProblems(kind, metadata.namespace)];
  if (!result.ok || problems.length > 0) throw invalid(kind, String(metadata.name ?? ""), problems);
  return result.value;
}

/** As Kubernetes stores them: labels, annotations and lists of metadata that are empty are not there. */
function withoutEmptyMetadata(object: Resource): Resource {
  const kept = Object.entries(object.metadata).filter(([, value]) => typeof value !== "object" || Object.keys(value).length > 0);
  return { ...object, metadata: Object.fromEntries(kept) } as Resource;
}

function namespaceProblems(kind: Kind, namespace: unknown): FieldProblem[] {
  if (!kinds[kind].namespaced || namespace !== undefined) return [];
  return [{ path: "metadata.namespace", message: `required: a ${kind} is in a namespace`, reason: "FieldValueRequired" }];
}

/** The managers a plain update starts from: those it sends, if they are well-formed, else those of the live object; an untracked object stays untracked. */
function startingManagers(old: Resource | undefined, sent: unknown): { managers: Managers; track: boolean } {
  const live = readManagedFields(old?.metadata.managedFields) ?? new Map();
  const reset = Array.isArray(sent) && sent.length === 1 && isDeepStrictEqual(sent[0], {});
  if (reset) return { managers: new Map(), track: false };
  const given = readManagedFields(sent);
  const managers = given !== undefined && given.size > 0 ? given : live;
  return { managers, track: old === undefined || managers.size > 0 };
}

/** What an object has before its first write: only its name, so that everything else counts as added. */
function bare(object: Draft): Draft {
  const { name, namespace } = object.metadata ?? {};
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) },
  };
}

function checkDoor({ old, next, subresource }: AdmitInput): void {
  if (subresource === undefined) return;
  const key = next.metadata;
  if (old === undefined) throw notFound(next.kind, key);
  if (!kinds[next.kind].subresources[subresource]) {
    throw new SlipwayError("notFound", `${next.kind} has no ${subresource} subresource.`, {
      hint: `Write the ${next.kind} itself.`,
    });
  }
}

function refuseAppliedIdentity({ old, next: { kind } }: AdmitInput, config: Draft): void {
  const sent = config.metadata?.managedFields;
  if (sent !== undefined && sent !== null) {
    throw new SlipwayError("badRequest", "metadata.managedFields must be nil in an applied configuration.", {
      hint: "Remove managedFields from the configuration; the server keeps them.",
    });
  }
  const uid = config.metadata?.uid;
  if (typeof uid !== "string" || uid === "" || uid === old?.metadata.uid) return;
  const key = { name: String(config.metadata?.name) };
  if (old === undefined) throw uidOfNothing(kind, key, uid);
  throw invalid(kind, key.name, [{ path: "metadata.uid", message: "field is immutable", reason: "FieldValueInvalid" }]);
}
