/**
 * One request of a case. `{{name}}` in the path, query or body stands for a value an earlier step saved; `{{ns}}` for the case's own namespace.
 */
export interface Step {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Content type of the body. */
  readonly type?: string;
  readonly accept?: string;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Names for values of the answer, by their path: `{ seen: "metadata.resourceVersion" }`. */
  readonly save?: Readonly<Record<string, string>>;
  /** Ask again until the answer has this status: for what happens in the background. Only the last answer counts. */
  readonly until?: number;
  /** The request is a watch; read this many events of it. */
  readonly events?: number;
}

/** What clients do one after the other in a namespace of their own. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

type Options = Omit<Step, "method" | "path" | "body">;

/** A GET. */
export const get = (path: string, options: Options = {}): Step => ({ method: "GET", path, ...options });
/** A POST of an object. */
export const post = (path: string, body: unknown, options: Options = {}): Step => ({ method: "POST", path, body, ...options });
/** A PUT of a whole object. */
export const put = (path: string, body: unknown, options: Options = {}): Step => ({ method: "PUT", path, body, ...options });
/** A JSON merge patch. */
export const merge = (path: string, body: unknown, options: Options = {}): Step => ({
  method: "PATCH",
  path,
  body,
  type: "application/merge-patch+json",
  ...options,
});
/** A JSON patch. */
export const jsonPatch = (path: string, body: unknown, options: Options = {}): Step => ({
  method: "PATCH",
  path,
  body,
  type: "application/json-patch+json",
  ...options,
});
/** A strategic merge patch. */
export const strategic = (path: string, body: unknown, options: Options = {}): Step => ({
  method: "PATCH",
  path,
  body,
  type: "application/strategic-merge-patch+json",
  ...options,
});
/** A server-side apply by a manager. */
export const apply = (manager: string, path: string, body: unknown, query: Record<string, string> = {}): Step => ({
  method: "PATCH",
  path,
  body,
  type: "application/apply-patch+yaml",
  query: { ...(manager === "" ? {} : { fieldManager: manager }), ...query },
});
/** A DELETE, with DeleteOptions if there is a body. */
export const remove = (path: string, body?: unknown, options: Options = {}): Step => ({
  method: "DELETE",
  path,
  ...(body === undefined ? {} : { body }),
  ...options,
});
/** A watch of so many events. */
export const watch = (path: string, events: number, query: Record<string, string>, options: Options = {}): Step => ({
  method: "GET",
  path,
  query: { watch: "true", ...query },
  events,
  ...options,
});
