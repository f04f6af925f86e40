/**
 * A set of fields of an object, as a tree. The keys of `children` are path elements as FieldsV1 writes them
 * (`f:replicas`, `k:{"name":"a"}`, `v:"x"`); `member` says whether the path that leads here is in the set.
 * Sets are values: no function here changes its arguments.
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** A path from the root of an object: path elements as FieldsV1 writes them. */
export type FieldPath = readonly string[];

/** The set without fields. */
export const emptySet: FieldSet = { member: false, children: new Map() };

/** The set of exactly these paths; parents are not members unless listed. */
export function setOf(...paths: readonly FieldPath[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, single(path)), emptySet);
}

function single(path: FieldPath): FieldSet {
  return path.reduceRight<FieldSet>((inner, element) => ({ member: false, children: new Map([[element, inner]]) }), {
    member: path.length > 0,
    children: new Map(),
  });
}

/** The child sets of two sets, combined by name; children that end up without fields are left out. */
function combine(elements: Iterable<string>, child: (element: string) => FieldSet | undefined): ReadonlyMap<string, FieldSet> {
  const children = new Map<string, FieldSet>();
  for (const element of elements) {
    const set = child(element);
    if (set !== undefined && !isEmpty(set)) children.set(element, set);
  }
  return children;
}

/** Whether the set has no field at all. */
export function isEmpty(set: FieldSet): boolean {
  if (set.member) return false;
  for (const child of set.children.values()) if (!isEmpty(child)) return false;
  return true;
}

/** Fields in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const elements = new Set([...a.children.keys(), ...b.children.keys()]);
  return {
    member: a.member || b.member,
    children: combine(elements, (element) => {
      const left = a.children.get(element);
      const right = b.children.get(element);
      return left === undefined || right === undefined ? (left ?? right) : union(left, right);
    }),
  };
}

/** Fields in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return {
    member: a.member && b.member,
    children: combine(a.children.keys(), (element) => {
      const right = b.children.get(element);
      return right === undefined ? undefined : intersection(a.children.get(element)!, right);
    }),
  };
}

/** Fields of `a` that are not in `b`. A parent in `b` does not take its children out of `a`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return {
    member: a.member && !b.member,
    children: combine(a.children.keys(), (element) => {
      const left = a.children.get(element)!;
      const right = b.children.get(element);
      return right === undefined ? left : difference(left, right);
    }),
  };
}

/** Whether both sets have the same fields. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

/** Whether the field at `path` itself is in the set. */
export function hasPath(set: FieldSet, path: FieldPath): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.children.get(element);
  return node?.member ?? false;
}

/** Every path in the set, in the order in which Kubernetes names conflicts: at each level the fields in the set, then what is inside of each. */
export function pathsOf(set: FieldSet): FieldPath[] {
  return [...(set.member ? [[]] : []), ...pathsInside(set, [])];
}

function pathsInside(set: FieldSet, prefix: FieldPath): FieldPath[] {
  const inside = [...set.children]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([element, child]) => ({ child, path: [...prefix, element] }));
  return [
    ...inside.filter(({ child }) => child.member).map(({ path }) => path),
    ...inside.flatMap(({ child, path }) => pathsInside(child, path)),
  ];
}
