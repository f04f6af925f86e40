import type { Fetch, FetchResponse } from "@slipway/client";
import type { ApiServer } from "../rest/rest-client.ts";

interface Stored {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

interface Line {
  readonly type: string;
  readonly object: unknown;
  readonly version: number;
}

/** An API server for one kind of objects: list and watch, whose history can be forgotten, whose connections can be cut, and that can be down. */
export class ObjectServer implements ApiServer {
  readonly baseUrl = "https://api.example";
  readonly calls: string[] = [];
  down = false;
  private version = 1;
  private forgotten = 0;
  private readonly objects = new Map<string, Stored>();
  private readonly lines: Line[] = [];
  private wake: (() => void)[] = [];
  private connections: AbortController[] = [];

  readonly fetch: Fetch = async (url, init) => {
    const query = new URL(url).searchParams;
    this.calls.push(query.has("watch") ? `watch ${query.get("resourceVersion")}` : "list");
    if (this.down) throw new TypeError("fetch failed");
    if (!query.has("watch")) {
      const metadata = { resourceVersion: String(this.version) };
      return Response.json({ metadata, items: [...this.objects.values()] }) as FetchResponse;
    }
    const from = Number(query.get("resourceVersion"));
    if (from < this.forgotten) return refusal(410, "Expired");
    const cut = new AbortController();
    this.connections.push(cut);
    return streaming(this.follow(from, AbortSignal.any([cut.signal, init.signal!])));
  };

  /** Writes an object as somebody else would. */
  put(name: string, fields: Record<string, unknown> = {}, uid = `uid-of-${name}`, labels: Record<string, string> = {}): Stored {
    const before = this.objects.get(name);
    this.version += 1;
    const object: Stored = {
      metadata: { name, namespace: "default", uid, resourceVersion: String(this.version), labels },
      ...fields,
    };
    this.objects.set(name, object);
    this.add(before === undefined ? "ADDED" : "MODIFIED", object);
    return object;
  }

  remove(name: string): void {
    const object = this.objects.get(name)!;
    this.version += 1;
    this.objects.delete(name);
    this.add("DELETED", { ...object, metadata: { ...object.metadata, resourceVersion: String(this.version) } });
  }

  /** Ends every watch that is open. */
  cut(): void {
    for (const connection of this.connections.splice(0)) connection.abort();
  }

  /** Forgets all history: who watches from before now is told that it is gone. */
  forget(): void {
    this.forgotten = this.version;
    this.lines.length = 0;
  }

  private add(type: string, object: unknown): void {
    this.lines.push({ type, object, version: this.version });
    for (const wake of this.wake.splice(0)) wake();
  }

  private async *follow(from: number, signal: AbortSignal): AsyncGenerator<string> {
    let at = from;
    while (!signal.aborted) {
      const line = this.lines.find(({ version }) => version > at);
      if (line !== undefined) {
        at = line.version;
        yield `${JSON.stringify(line)}\n`;
      } else
        await new Promise<void>((resolve) => {
          this.wake.push(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
    }
  }
}

function streaming(text: AsyncIterable<string>): FetchResponse {
  const encoder = new TextEncoder();
  return {
    ok: true,
    status: 200,
    headers: new Headers(),
    text: async () => "",
    body: (async function* () {
      for await (const line of text) yield encoder.encode(line);
    })(),
  };
}

function refusal(code: number, reason: string): FetchResponse {
  return Response.json({ kind: "Status", status: "Failure", code, reason, message: reason }, { status: code }) as FetchResponse;
}
