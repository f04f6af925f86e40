/**
 * What server-side apply must know of a field: which parts of it have owners of their own. Kubernetes' structured-merge-diff.
 * `object` owns each field apart (`additional` is the structure of keys not listed, for maps); `map-list` owns each item apart,
 * found by its `keys`; `set-list` owns each value apart; `atomic` and `scalar` are owned as a whole.
 */
export type FieldStructure =
  | { readonly type: "object"; readonly fields: Readonly<Record<string, FieldStructure>>; readonly additional?: FieldStructure }
  | { readonly type: "map-list"; readonly keys: readonly string[]; readonly item: FieldStructure }
  | { readonly type: "set-list" }
  | { readonly type: "atomic" }
  | { readonly type: "scalar" };
