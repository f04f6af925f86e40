import type { FieldProblem } from "@slipway/base";
import type { Kind } from "../kinds/kind.ts";
import type { Manifest, Resource } from "../kinds/resource.ts";
import { rules } from "../kinds/rules.ts";
import { schemas } from "../kinds/schemas.ts";
import { kindJsonSchema } from "../schema/kind-json-schema.ts";
import { mergeStringData } from "../secret/merge-string-data.ts";
import type { Secret } from "../secret/secret-schema.ts";
import { checkSchema } from "./check-schema.ts";

/** A checked and defaulted value, or every problem it has. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Who hands the value over: only the command line may have a `source.path`. */
export type ParseSource = "api" | "cli";

/**
 * Anything → an object of that kind, checked and with its defaults, or all problems at once with their field paths. The input is not
 * changed. Null means "not set", as Kubernetes reads it.
 */
export function parse<K extends Kind>(kind: K, value: unknown, options: { source: "api" }): Parsed<Resource<K>>;
export function parse<K extends Kind>(kind: K, value: unknown, options: { source: ParseSource }): Parsed<Manifest<K>>;
export function parse(kind: Kind, value: unknown, options: { source: ParseSource }): Parsed<unknown> {
  const confidential = (path: readonly PropertyKey[]) => kind === "Secret" && (path[0] === "data" || path[0] === "stringData");
  const checked = checkSchema(schemas[kind], kindJsonSchema(kind), value, confidential);
  const broken = checked.good === undefined ? [] : rules[kind](checked.good as never, options.source);
  const problems = [...checked.problems, ...broken];
  if (problems.length > 0 || checked.value === undefined) return { ok: false, problems };
  if (checked.value.kind === "Secret") return { ok: true, value: mergeStringData(checked.value) satisfies Secret };
  return { ok: true, value: checked.value };
}
