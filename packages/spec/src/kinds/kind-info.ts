import type { Instant } from "@slipway/base";
import type { Kind } from "./kind.ts";
import type { Resource } from "./resource.ts";

/** One column of the tables that `kubectl get` and `slipway get` print. */
export interface Column<K extends Kind = Kind> {
  /** Header, as `kubectl` prints it in upper case. */
  readonly name: string;
  /** OpenAPI type of the values; `date` shows an age. */
  readonly type: "string" | "integer" | "date";
  /** OpenAPI format; `name` marks the column that names the object. */
  readonly format?: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly description: string;
  /** Where a real API server finds the value; the column of a custom resource always has it. */
  readonly jsonPath?: string;
  /** What is shown; a date as its age at `now`. Pure. */
  value(resource: Resource<K>, now: Instant): string | number;
}

/** What the API and its clients must know of a kind. */
export interface KindInfo<K extends Kind = Kind> {
  readonly kind: K;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: { readonly status: boolean; readonly scale: boolean };
  /** The first is always the name. */
  readonly columns: readonly Column<K>[];
}
