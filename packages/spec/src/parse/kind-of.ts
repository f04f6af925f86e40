import type { FieldProblem } from "@slipway/base";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { found } from "../values/found.ts";
import type { Parsed } from "./parse.ts";
import { suggestion } from "./suggestion.ts";

const all = Object.values(kinds);

/** Which kind a manifest says it is. A version or kind that is not known here is named, with what was probably meant. */
export function kindOf(manifest: unknown): Parsed<Kind> {
  if (typeof manifest !== "object" || manifest === null || Array.isArray(manifest)) {
    return {
      ok: false,
      problems: [{ path: "", message: `expected an object, found ${found(manifest)}`, reason: "FieldValueTypeInvalid" }],
    };
  }
  const { apiVersion, kind } = manifest as { apiVersion?: unknown; kind?: unknown };
  const info = all.find((each) => each.kind === kind);
  if (info !== undefined && info.apiVersion === apiVersion) return { ok: true, value: info.kind };
  const problems: FieldProblem[] = [];
  if (info === undefined) problems.push(kindProblem(kind));
  const expected = info === undefined ? [...new Set(all.map((each) => each.apiVersion))] : [info.apiVersion];
  if (!expected.some((each) => each === apiVersion)) problems.push(versionProblem(apiVersion, expected));
  return { ok: false, problems };
}

function kindProblem(kind: unknown): FieldProblem {
  const names = all.map((each) => each.kind);
  if (kind === undefined || kind === null) {
    return { path: "kind", message: `required: expected one of ${names.join(", ")}`, reason: "FieldValueRequired" };
  }
  const near = typeof kind === "string" ? suggestion(kind, names) : undefined;
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  return {
    path: "kind",
    message: `expected one of ${names.join(", ")}, found ${found(kind)}${hint}`,
    reason: "FieldValueNotSupported",
  };
}

function versionProblem(apiVersion: unknown, expected: readonly string[]): FieldProblem {
  const names = expected.map((each) => `"${each}"`).join(" or ");
  if (apiVersion === undefined || apiVersion === null) {
    return { path: "apiVersion", message: `required: expected ${names}`, reason: "FieldValueRequired" };
  }
  const other = typeof apiVersion === "string" && apiVersion.startsWith("slipway.dev/");
  const hint = other ? "; this Slipway does not know that version, another release of it may" : "";
  return {
    path: "apiVersion",
    message: `expected ${names}, found ${found(apiVersion)}${hint}`,
    reason: "FieldValueNotSupported",
  };
}
