import type { Key, Kind, Resource } from "@slipway/spec";

/** Objects by kind and name, in memory: reading never touches the disk. Sorted by namespace and name, as etcd sorts keys. */
export class ResourceTable {
  private readonly kinds = new Map<Kind, KindTable>();

  get<K extends Kind>(kind: K, key: Key): Resource<K> | undefined {
    return this.kinds.get(kind)?.resources.get(path(key)) as Resource<K> | undefined;
  }

  list<K extends Kind>(kind: K, namespace?: string): Resource<K>[] {
    const table = this.kinds.get(kind);
    if (table === undefined) return [];
    const { paths, resources } = table;
    const first = namespace === undefined ? 0 : position(paths, `${namespace}/`);
    // "0" is the character after "/": the range ends where the next namespace may begin.
    const end = namespace === undefined ? paths.length : position(paths, `${namespace}0`);
    return paths.slice(first, end).map((each) => resources.get(each) as Resource<K>);
  }

  /** Every object of every kind. */
  all(): Resource[] {
    return [...this.kinds.values()].flatMap(({ resources }) => [...resources.values()]);
  }

  put(resource: Resource): void {
    let table = this.kinds.get(resource.kind);
    if (table === undefined) {
      table = { resources: new Map(), paths: [] };
      this.kinds.set(resource.kind, table);
    }
    const at = path(resource.metadata);
    if (!table.resources.has(at)) table.paths.splice(position(table.paths, at), 0, at);
    table.resources.set(at, resource);
  }

  delete(kind: Kind, key: Key): void {
    const table = this.kinds.get(kind);
    const at = path(key);
    if (table?.resources.delete(at)) table.paths.splice(position(table.paths, at), 1);
  }
}

interface KindTable {
  readonly resources: Map<string, Resource>;
  /** The keys of `resources`, sorted. */
  readonly paths: string[];
}

function path(key: Key): string {
  return `${key.namespace ?? ""}/${key.name}`;
}

/** The index of the first entry that is not before `wanted`. */
function position(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
