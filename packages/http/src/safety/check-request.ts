import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { SlipwayError } from "@slipway/base";

/** The names a listener on loopback answers for. */
export const loopbackHosts: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Which names a listener answers for. `any` is for Unix sockets and private networks, where no browser can be led to it by a foreign name. */
export type AllowedHosts = readonly string[] | "any";

/** Set by proxies, or trusted by other servers as identity; no peer of ours is a trusted proxy. */
const strippedHeaders = new Set([
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-original-url",
  "x-rewrite-url",
]);
const strippedPrefixes = ["x-forwarded-", "x-remote-", "x-slipway-"];

/** Refuses requests whose framing or origin another server might read differently; strips what a client may not say. */
export class RequestCheck {
  private readonly hosts: ReadonlySet<string> | undefined;
  private readonly origins: ReadonlySet<string>;
  private readonly scheme: "http" | "https";
  private lastGoodHost: string | undefined;

  constructor(options: { allowedHosts: AllowedHosts; allowedOrigins: readonly string[]; scheme: "http" | "https" }) {
    this.hosts = options.allowedHosts === "any" ? undefined : new Set(options.allowedHosts);
    this.origins = new Set(options.allowedOrigins);
    this.scheme = options.scheme;
  }

  /** The request's target in origin form. Throws `badRequest` or `misdirected`. */
  target(request: Pick<IncomingMessage, "rawHeaders" | "headers" | "url">): string {
    const { rawHeaders, headers } = request;
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index]!;
      if (name.length === 4 && name.toLowerCase() === "host") hosts += 1;
      else if (mayBeStripped(name)) strip(headers, name.toLowerCase());
    }
    const host = headers.host;
    if (hosts !== 1 || host === undefined || host === "") {
      throw new SlipwayError(
        "badRequest",
        hosts > 1 ? "The request has more than one Host header." : "The request has no Host header.",
      );
    }
    const target = request.url ?? "/";
    const path = target.startsWith("/") ? target : absoluteTarget(target, host, this.scheme);
    this.checkHost(host);
    if (headers.origin !== undefined) this.checkOrigin(headers.origin, host);
    if (headers.upgrade !== undefined) {
      throw new SlipwayError("badRequest", "Upgrading the connection is not supported.", {
        hint: "Send the request without an Upgrade header.",
      });
    }
    return path;
  }

  /** The same for a call of HTTP/2, whose `:authority` is what Host is to HTTP/1.1. Throws `badRequest` or `misdirected`. */
  authority(authority: string | undefined, origin: string | undefined): void {
    if (authority === undefined || authority === "") throw new SlipwayError("badRequest", "The request has no :authority.");
    this.checkHost(authority);
    if (origin !== undefined) this.checkOrigin(origin, authority);
  }

  private checkHost(host: string): void {
    if (this.hosts === undefined || host === this.lastGoodHost) return;
    if (!this.hosts.has(hostName(host))) {
      throw new SlipwayError("misdirected", "This listener does not answer for the request's Host.", {
        hint: `Use one of: ${[...this.hosts].join(", ")}.`,
      });
    }
    this.lastGoodHost = host;
  }

  private checkOrigin(origin: string, host: string): void {
    if (this.origins.has(origin) || origin.toLowerCase() === `${this.scheme}://${host.toLowerCase()}`) return;
    throw new SlipwayError("misdirected", "Requests from pages of another origin are refused.");
  }
}

/** The name without its port, in lower case; the whole text when that is not `name` or `name:port`, so that it matches nothing. */
function hostName(host: string): string {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? host).toLowerCase();
}

/** Proxies send the whole URL; it must say what Host says. */
function absoluteTarget(target: string, host: string, scheme: string): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^#]*|\?[^#]*)?$/i.exec(target);
  if (match === null || match[1]!.toLowerCase() !== scheme || match[2]!.toLowerCase() !== host.toLowerCase()) {
    throw new SlipwayError("badRequest", "The request's target is neither a path nor a URL of its own Host.");
  }
  const rest = match[3] ?? "/";
  return rest.startsWith("/") ? rest : `/${rest}`;
}

function mayBeStripped(name: string): boolean {
  const first = name.charCodeAt(0) | 0x20;
  return first === 0x78 || first === 0x66 || first === 0x76 || first === 0x74; // x f v t
}

function strip(headers: IncomingHttpHeaders, name: string): void {
  if (strippedHeaders.has(name) || strippedPrefixes.some((prefix) => name.startsWith(prefix))) delete headers[name];
}
