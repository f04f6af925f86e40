import { SlipwayError } from "@slipway/base";
import type { Route } from "./route.ts";

interface Entry {
  readonly route: Route;
  readonly names: readonly string[];
}

interface Segment {
  readonly literals: Map<string, Segment>;
  parameter: Segment | undefined;
  readonly entries: Map<string, Entry>;
}

/** A route and the decoded values of its parameters. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const segment = (): Segment => ({ literals: new Map(), parameter: undefined, entries: new Map() });

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/** Finds the route of a request in a trie of exact segments. Built once; throws `internal` when two routes are the same. */
export class Router {
  private readonly root = segment();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  /** The route for a raw path (percent-encoded, without query). Throws `notFound`, `methodNotAllowed` or, for a bad encoding, `badRequest`. */
  match(method: string, path: string): Match {
    const found = find(this.root, path.split("/"), 1, []);
    if (found === undefined) throw new SlipwayError("notFound", "There is nothing at this path.");
    const entry = found.entries.get(method === "HEAD" ? "GET" : method);
    if (entry === undefined) throw new MethodNotAllowed(method, allowed(found.entries));
    if (entry.names.length === 0) return { route: entry.route, params: noParams };
    const params: Record<string, string> = {};
    for (let index = 0; index < entry.names.length; index += 1) {
      params[entry.names[index]!] = decode(found.values[index]!);
    }
    return { route: entry.route, params };
  }

  private add(route: Route): void {
    const [first, ...rest] = route.path.split("/");
    if (first !== "") throw new SlipwayError("internal", `The route ${route.path} does not begin with a slash.`);
    const names: string[] = [];
    let at = this.root;
    for (const part of rest) {
      if (part.startsWith(":")) {
        names.push(part.slice(1));
        at.parameter ??= segment();
        at = at.parameter;
      } else {
        let next = at.literals.get(part);
        if (next === undefined) {
          next = segment();
          at.literals.set(part, next);
        }
        at = next;
      }
    }
    if (at.entries.has(route.method)) throw new SlipwayError("internal", `Two routes are ${route.method} ${route.path}.`);
    at.entries.set(route.method, { route, names });
  }
}

/** A 405 that knows what would have been allowed, for the `Allow` header. */
export class MethodNotAllowed extends SlipwayError {
  readonly allow: string;

  constructor(method: string, allow: string) {
    super("methodNotAllowed", `${method} is not allowed here.`, { hint: `Use ${allow}.` });
    this.allow = allow;
  }
}

function find(
  at: Segment,
  parts: readonly string[],
  index: number,
  values: readonly string[],
): { entries: Map<string, Entry>; values: readonly string[] } | undefined {
  if (index === parts.length) return at.entries.size === 0 ? undefined : { entries: at.entries, values };
  const part = parts[index]!;
  const literal = at.literals.get(part);
  if (literal !== undefined) {
    const found = find(literal, parts, index + 1, values);
    if (found !== undefined) return found;
  }
  if (at.parameter === undefined || part === "") return undefined;
  return find(at.parameter, parts, index + 1, [...values, part]);
}

function allowed(entries: Map<string, Entry>): string {
  const methods = [...entries.keys()];
  if (entries.has("GET")) methods.push("HEAD");
  return methods.sort().join(", ");
}

function decode(raw: string): string {
  if (!raw.includes("%")) return raw;
  let text: string;
  try {
    text = decodeURIComponent(raw);
  } catch {
    throw new SlipwayError("badRequest", "The path is not valid percent-encoded UTF-8.");
  }
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f || code === 0x2f) {
      throw new SlipwayError("badRequest", "A name in the path holds an encoded slash or control character.");
    }
  }
  return text;
}
