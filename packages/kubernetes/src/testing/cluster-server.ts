import type { Fetch, FetchResponse } from "@slipway/client";
import type { LiveObject } from "../cluster/cluster-objects.ts";
import type { ApiServer } from "../rest/rest-client.ts";

type Stored = LiveObject & { readonly kind?: string };

interface Line {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly path: string;
  readonly object: Stored;
  readonly version: number;
}

/** What the controllers of a cluster would make of an object that was written; undefined leaves it as it is. */
export type Controller = (path: string, object: Stored) => Record<string, unknown> | undefined;

/** An API server for objects of any kind, in memory: as much of it as an administrator's commands use. It validates nothing, and collects no dependents. */
export class ClusterServer implements ApiServer {
  readonly baseUrl = "https://api.example";
  /** Each write: `PATCH /api/v1/…`. */
  readonly writes: string[] = [];
  /** Sees to each object that was written. */
  controller: Controller = () => undefined;
  /** Paths that begin so are not served: a kind that the cluster does not have. */
  absent: string[] = [];
  private version = 1;
  private readonly objects = new Map<string, Stored>();
  private readonly lines: Line[] = [];
  private wake: (() => void)[] = [];

  readonly fetch: Fetch = async (url, init) => {
    const { pathname: path, searchParams: query } = new URL(url);
    if (this.absent.some((prefix) => path.startsWith(prefix))) return answer(404, "404 page not found");
    if (init.method === "GET" && query.has("watch")) return this.watch(path, query, init.signal);
    if (init.method === "GET") return this.read(path, query);
    this.writes.push(`${init.method} ${path}`);
    const body = JSON.parse(String(init.body)) as Record<string, unknown> & Stored;
    if (init.method === "DELETE") return this.delete(path);
    if (init.method === "POST") {
      const at = `${path}/${body.metadata.name}`;
      return this.objects.has(at) ? failure(409, "AlreadyExists") : answer(201, this.put(at, body));
    }
    const apply = init.headers["content-type"]?.startsWith("application/apply-patch") === true;
    const before = this.objects.get(path);
    if (!apply && before === undefined) return failure(404, "NotFound");
    return answer(200, this.put(path, merged(before ?? {}, body) as Stored));
  };

  /** An object as it is. */
  get(path: string): Stored | undefined {
    return this.objects.get(path);
  }

  /** Every path there is an object at, sorted. */
  get paths(): string[] {
    return [...this.objects.keys()].sort();
  }

  /** Writes an object, as somebody else would. What changes nothing keeps its version. */
  put(path: string, object: object): Stored {
    const before = this.objects.get(path);
    const given = object as Stored;
    const same = before !== undefined && JSON.stringify(content(given)) === JSON.stringify(content(before));
    if (same) return before;
    this.version += 1;
    const metadata = {
      ...given.metadata,
      uid: before?.metadata.uid ?? `uid-${this.version}`,
      resourceVersion: String(this.version),
      generation: (before?.metadata.generation ?? 0) + 1,
    };
    const plain = { ...given, metadata } as Stored;
    const stored = { ...plain, ...this.controller(path, plain) } as Stored;
    this.objects.set(path, stored);
    this.add({ type: before === undefined ? "ADDED" : "MODIFIED", path, object: stored, version: this.version });
    const going = stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0;
    if (going) this.drop(path);
    return stored;
  }

  /** Takes an object away, as a controller would. */
  drop(path: string): void {
    const object = this.objects.get(path);
    if (object === undefined) return;
    this.objects.delete(path);
    this.version += 1;
    this.add({ type: "DELETED", path, object, version: this.version });
  }

  private delete(path: string): FetchResponse {
    const object = this.objects.get(path);
    if (object === undefined) return failure(404, "NotFound");
    if ((object.metadata.finalizers ?? []).length === 0) this.drop(path);
    else this.put(path, { ...object, metadata: { ...object.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    return answer(200, { kind: "Status", status: "Success" });
  }

  private read(path: string, query: URLSearchParams): FetchResponse {
    const object = this.objects.get(path);
    if (object !== undefined) return answer(200, object);
    // A name has no list below it: `/api/v1/namespaces/x` is an object, `/api/v1/namespaces` all of them.
    if (!isCollection(path)) return failure(404, "NotFound");
    const items = [...this.objects].filter(([at, each]) => isIn(at, path) && selected(each, query)).map(([, each]) => each);
    return answer(200, { metadata: { resourceVersion: String(this.version) }, items });
  }

  private watch(path: string, query: URLSearchParams, signal: AbortSignal | undefined): FetchResponse {
    const encoder = new TextEncoder();
    const lines = this.follow(Number(query.get("resourceVersion")), signal!);
    const body = (async function* () {
      for await (const { type, path: at, object } of lines)
        if (isIn(at, path) && selected(object, query)) yield encoder.encode(`${JSON.stringify({ type, object })}\n`);
    })();
    return { ok: true, status: 200, headers: new Headers(), text: async () => "", body };
  }

  private async *follow(from: number, signal: AbortSignal): AsyncGenerator<Line> {
    let at = from;
    while (!signal.aborted) {
      const line = this.lines.find(({ version }) => version > at);
      if (line !== undefined) {
        at = line.version;
        yield line;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.wake.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  private add(line: Line): void {
    this.lines.push(line);
    for (const wake of this.wake.splice(0)) wake();
  }
}

function content({ metadata, status: _, ...rest }: Stored): unknown {
  const { uid: _uid, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** `/api/v1/[namespaces/NS/]plural` or the same of a group; an object's path has one part more. */
function isCollection(path: string): boolean {
  const parts = path.split("/").slice(path.startsWith("/api/") ? 3 : 4);
  return parts.length === 1 || (parts.length === 3 && parts[0] === "namespaces");
}

/** Whether the object at a path is in a collection; that of all namespaces has those of each. */
function isIn(at: string, collection: string): boolean {
  const parent = at.slice(0, at.lastIndexOf("/"));
  return (
    parent === collection || (parent.includes("/namespaces/") && parent.replace(/\/namespaces\/[^/]+\//, "/") === collection)
  );
}

function selected({ metadata }: Stored, query: URLSearchParams): boolean {
  const field = query.get("fieldSelector");
  if (field !== null && field !== `metadata.name=${metadata.name}`) return false;
  return (query.get("labelSelector") ?? "")
    .split(/,(?![^(]*\))/)
    .filter((term) => term !== "")
    .every((term) => {
      const [, name, values] = /^(\S+) in \((.*)\)$/.exec(term) ?? [];
      if (name !== undefined) return values!.split(",").includes(metadata.labels?.[name] ?? "");
      const [key = "", value] = term.split("=");
      return value === undefined ? metadata.labels?.[key] !== undefined : metadata.labels?.[key] === value;
    });
}

function merged(before: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = { ...(isMap(before) ? before : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function answer(status: number, body: unknown): FetchResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, { status }) as FetchResponse;
}

function failure(code: number, reason: string): FetchResponse {
  return answer(code, { kind: "Status", status: "Failure", code, reason, message: reason });
}
