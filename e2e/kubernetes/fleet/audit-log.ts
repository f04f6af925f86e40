import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";

/** One request that the API server answered. */
export interface AuditedRequest {
  readonly verb: string;
  /** With the subresource: `models/status`. */
  readonly resource: string;
  readonly name: string | undefined;
  readonly code: number;
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
}

const reads = ["get", "list", "watch"];

/** What the API server has written down of one client's requests; each look gives what came since the last one. */
export class AuditLog {
  private readonly path: string;
  private offset = 0;
  private rest = "";

  constructor(path: string) {
    this.path = path;
  }

  /** Requests since the last look; watches when they begin. */
  next(): AuditedRequest[] {
    if (!existsSync(this.path)) return [];
    const file = openSync(this.path, "r");
    const bytes = Buffer.alloc(fstatSync(file).size - this.offset);
    readSync(file, bytes, 0, bytes.length, this.offset);
    closeSync(file);
    this.offset += bytes.length;
    const lines = `${this.rest}${bytes.toString("utf8")}`.split("\n");
    this.rest = lines.pop()!;
    return lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ stage, verb }) => stage === (verb === "watch" ? "ResponseStarted" : "ResponseComplete"))
      .map(({ verb, objectRef = {}, responseStatus }) => ({
        verb,
        resource: [objectRef.resource ?? "?", objectRef.subresource].filter((part) => part !== undefined).join("/"),
        name: objectRef.name,
        code: responseStatus?.code ?? 0,
      }));
  }
}

/** Requests that change something, but for the lease by which an operator leads. */
export function writesOf(requests: readonly AuditedRequest[]): AuditedRequest[] {
  return requests.filter(({ verb, resource }) => !reads.includes(verb) && resource !== "leases");
}

/** `patch deployments 3, create events 2`, most first, divided by `by`. */
export function countsOf(requests: readonly AuditedRequest[], by: number): string {
  const counts = new Map<string, number>();
  for (const { verb, resource } of requests) counts.set(`${verb} ${resource}`, (counts.get(`${verb} ${resource}`) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `${what} ${Math.round((count / by) * 100) / 100}`)
    .join(", ");
}
