import { type FieldProblem, SlipwayError } from "@slipway/base";
import type { AppliedConfiguration } from "@slipway/client";
import { type Kind, kinds, type Manifest, parse } from "@slipway/spec";
import type { LocatedProblem } from "../output/problem.ts";
import type { ManifestDocument } from "./manifest-document.ts";

/** A document that is a valid manifest of a kind. */
export interface ValidManifest<K extends Kind = Kind> {
  readonly document: ManifestDocument;
  readonly kind: K;
  /** Exactly the fields that were written, with the namespace filled in: what a server-side apply may own. */
  readonly configuration: AppliedConfiguration & { readonly kind: K };
  /** The same, checked and with defaults. */
  readonly manifest: Manifest<K>;
}

/** Fields the server sets: they come along when a manifest was written by `get -o yaml`, and cannot be applied. */
const serverFields = [
  "managedFields",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
];

/** The namespace of what names none, and the one that was asked for, which no manifest may contradict. */
export interface NamespaceRule {
  readonly asked?: string | undefined;
  /** Default `default`. */
  readonly otherwise?: string;
}

/** Checks all documents and throws `invalid` with every problem of all of them, each with its place. Items of a `List` count as documents. */
export function validateManifests(documents: readonly ManifestDocument[], namespace: NamespaceRule = {}): ValidManifest[] {
  const valid: ValidManifest[] = [];
  const problems: LocatedProblem[] = [];
  const seen = new Map<string, ManifestDocument>();
  for (const document of documents.flatMap(listItems)) {
    const found = validate(document, namespace);
    if (Array.isArray(found)) {
      problems.push(...found.map((problem) => document.locate(problem)));
      continue;
    }
    const { kind, configuration } = found;
    const id = `${kind} ${configuration.metadata.namespace ?? ""}/${configuration.metadata.name}`;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, document);
    else
      problems.push(
        document.locate({ path: "metadata.name", message: duplicate(kind, configuration, first), reason: "FieldValueDuplicate" }),
      );
    valid.push(found);
  }
  if (problems.length > 0) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    throw new SlipwayError("invalid", `The manifest has ${count}; nothing was changed.`, { problems });
  }
  return valid;
}

function duplicate(kind: Kind, configuration: AppliedConfiguration, first: ManifestDocument): string {
  const { line } = first.locate({ path: "metadata.name", message: "", reason: "FieldValueDuplicate" });
  return `${kind} ${configuration.metadata.name} is already at ${first.file}:${line}.`;
}

function validate(document: ManifestDocument, { asked, otherwise = "default" }: NamespaceRule): ValidManifest | FieldProblem[] {
  const value = document.value;
  if (!isRecord(value))
    return [
      { path: "", message: "A manifest is a map with apiVersion, kind, metadata and spec.", reason: "FieldValueTypeInvalid" },
    ];
  const kind = kindOf(value);
  if (typeof kind !== "string") return [kind];
  const metadata = isRecord(value.metadata) ? { ...value.metadata } : value.metadata;
  if (isRecord(metadata)) {
    for (const field of serverFields) delete metadata[field];
    if (kinds[kind].namespaced) {
      if (metadata.namespace !== undefined && asked !== undefined && metadata.namespace !== asked) {
        const message = `The manifest says ${JSON.stringify(metadata.namespace)}, the command line --namespace ${asked}.`;
        return [{ path: "metadata.namespace", message, reason: "FieldValueInvalid" }];
      }
      metadata.namespace ??= asked ?? otherwise;
    }
  }
  const { status: _, ...rest } = value;
  const configuration = metadata === undefined ? rest : { ...rest, metadata };
  const parsed = parse(kind, configuration, { source: "cli" });
  if (!parsed.ok) return [...parsed.problems];
  return { document, kind, configuration: configuration as unknown as AppliedConfiguration, manifest: parsed.value as Manifest };
}

function kindOf(value: Record<string, unknown>): Kind | FieldProblem {
  for (const info of Object.values(kinds)) if (info.kind === value.kind && info.apiVersion === value.apiVersion) return info.kind;
  const byName = Object.values(kinds).find((info) => info.kind === value.kind);
  if (byName !== undefined) {
    return {
      path: "apiVersion",
      message: `${byName.kind} needs apiVersion: ${byName.apiVersion}; found ${JSON.stringify(value.apiVersion) ?? "none"}.`,
      reason: "FieldValueNotSupported",
    };
  }
  const known = Object.values(kinds)
    .map((info) => info.kind)
    .join(", ");
  if (value.kind === undefined)
    return { path: "kind", message: `The kind is missing; expected one of ${known}.`, reason: "FieldValueRequired" };
  return {
    path: "kind",
    message: `${JSON.stringify(value.kind)} is not a kind that Slipway has; expected one of ${known}.`,
    reason: "FieldValueNotSupported",
  };
}

/** The items of a `v1 List`, as `get -o yaml` prints several objects; any other document is itself. */
function listItems(document: ManifestDocument): ManifestDocument[] {
  const value = document.value;
  if (!isRecord(value) || value.kind !== "List" || value.apiVersion !== "v1" || !Array.isArray(value.items)) return [document];
  return value.items.map((item: unknown, index) => ({
    ...document,
    value: item,
    locate: (problem) => ({ ...document.locate({ ...problem, path: `items[${index}].${problem.path}` }), path: problem.path }),
  }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
