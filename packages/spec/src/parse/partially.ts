/** A value of which any part may be missing: what is left of a resource when the fields with problems are taken out. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? (Partially<Item> | undefined)[]
  : T extends object
    ? { [P in keyof T]?: Partially<T[P]> | undefined }
    : T | undefined;
