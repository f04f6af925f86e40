/** A copy without what stands at the given paths; list items become undefined, so that the others keep their index. */
export function withoutPaths(value: unknown, paths: readonly (readonly PropertyKey[])[]): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    let parent: unknown = copy;
    for (const step of path.slice(0, -1)) parent = isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
    const last = path.at(-1);
    if (last === undefined) return undefined;
    if (Array.isArray(parent)) parent[Number(last)] = undefined;
    else if (isObject(parent)) delete parent[last];
  }
  return copy;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}
