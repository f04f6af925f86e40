/** One field that differs. `from` or `to` is absent when the field was not, or will not be, there. */
export interface FieldChange {
  /** As kubectl writes it, e.g. `spec.traffic[0].percent`. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** The smallest fields in which two JSON values differ, in the order of the first, then the second. */
export function fieldChanges(from: unknown, to: unknown, path = ""): FieldChange[] {
  if (isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => {
      const inner = Array.isArray(from) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      return fieldChanges((from as Record<string, unknown>)[key], (to as Record<string, unknown>)[key], inner);
    });
  }
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  return [{ path, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
