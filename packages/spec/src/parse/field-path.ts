/** One step into a value: a field or key, or the index of a list. */
export type PathStep = string | number;

/** A path as kubectl prints it: `spec.traffic[0].percent`; a key that is no plain name stands in brackets. */
export function fieldPath(steps: readonly PropertyKey[]): string {
  let text = "";
  for (const step of steps) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(String(step))) text += text === "" ? String(step) : `.${String(step)}`;
    else text += `[${String(step).slice(0, 80)}]`;
  }
  return text;
}

/** The value at a path, or undefined when there is none. */
export function valueAt(value: unknown, steps: readonly PropertyKey[]): unknown {
  let current = value;
  for (const step of steps) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}
