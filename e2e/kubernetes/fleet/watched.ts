import { systemClock } from "@slipway/base";
import type { ClusterConnection } from "@slipway/kubernetes";

/** An object as far as a watch is read. */
export interface WatchedObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

type Seen = (object: WatchedObject | undefined, at: number) => void;

/** Follows all objects of a kind, and says when, by a monotonic clock, each was first seen as somebody waits for. */
export class Watched {
  readonly objects = new Map<string, WatchedObject>();
  private readonly listeners = new Set<{ name: string; seen: Seen }>();
  private readonly stop = new AbortController();
  private readonly connection: ClusterConnection;
  private readonly path: string;
  private failure: unknown;

  constructor(connection: ClusterConnection, path: string) {
    this.connection = connection;
    this.path = path;
    void this.run().catch((error: unknown) => {
      if (!this.stop.signal.aborted) this.failure = error;
    });
  }

  /** When an object is first as `wanted`, in milliseconds of the monotonic clock. */
  when(name: string, wanted: (object: WatchedObject | undefined) => boolean, seconds: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (wanted(this.objects.get(name))) return resolve(systemClock.monotonic());
      const done = () => {
        this.listeners.delete(listener);
        cancel();
      };
      const cancel = systemClock.after(seconds * 1_000, () => {
        done();
        const state = JSON.stringify(this.objects.get(name)?.status ?? "not there");
        reject(new Error(`${name} was not as wanted within ${seconds} s: ${state}; ${String(this.failure ?? "")}`));
      });
      const listener = {
        name,
        seen: (object: WatchedObject | undefined, at: number) => {
          if (!wanted(object)) return;
          done();
          resolve(at);
        },
      };
      this.listeners.add(listener);
    });
  }

  close(): void {
    this.stop.abort();
  }

  private async run(): Promise<void> {
    const { baseUrl, fetch } = this.connection;
    while (!this.stop.signal.aborted) {
      const url = `${baseUrl}${this.path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
      const response = await fetch(url, { method: "GET", headers: { accept: "application/json" }, signal: this.stop.signal });
      if (!response.ok) throw new Error(`a watch of ${this.path} was answered with ${response.status}`);
      let rest = "";
      const decoder = new TextDecoder();
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
        rest = lines.pop()!;
        const at = systemClock.monotonic();
        for (const line of lines) this.receive(JSON.parse(line) as { type: string; object: WatchedObject }, at);
      }
    }
  }

  private receive({ type, object }: { type: string; object: WatchedObject }, at: number): void {
    if (type === "BOOKMARK" || type === "ERROR") return;
    const { name } = object.metadata;
    const current = type === "DELETED" ? undefined : object;
    if (current === undefined) this.objects.delete(name);
    else this.objects.set(name, current);
    for (const listener of [...this.listeners]) if (listener.name === name) listener.seen(current, at);
  }
}
