import { backoff, type Clock, SlipwayError } from "@slipway/base";
import { followRedirect, mostRedirects } from "../registry/follow-redirect.ts";
import { readUpTo, retryAfter } from "../registry/registry-error.ts";
import { type Proxies, Wire, type WireResponse } from "../registry/wire.ts";
import { isLoopback } from "./source-uri.ts";

/** A request for a source. */
export interface SourceRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try and each host; what it gives goes to the first host only. */
  readonly authorize?: (url: URL) => Promise<Readonly<Record<string, string>>>;
  readonly expect?: readonly number[];
  /** What is asked for, to name it in an error. */
  readonly what: string;
  readonly signal: AbortSignal;
}

const passing = new Set([429, 500, 502, 503, 504]);
const mostTries = 6;
const firstWaitMs = 250;
const mostWaitMs = 60_000;
const mostInterruptions = 5;
const progressBytes = 2 ** 20;
/** Bytes that must come within the time below. */
const leastBytes = 64 * 1024;
const leastPerMs = 30_000;
/** Bytes of a document of an API that are read. */
const documentBytes = 32 * 2 ** 20;

/** The one way by which models are fetched over HTTP: HTTPS (plain only on this machine), bounded, tried again, continued. */
export class SourceClient {
  private readonly clock: Clock;
  private readonly wire: Wire;

  constructor(clock: Clock, proxies?: Proxies) {
    this.clock = clock;
    this.wire = new Wire(proxies, "server");
  }

  /** An answer with one of the expected statuses (default 200); its body must be read or dumped. */
  async request(url: URL, request: SourceRequest): Promise<WireResponse> {
    const { expect = [200], what, signal } = request;
    if (url.protocol !== "https:" && !isLoopback(url))
      throw new SlipwayError("forbidden", `${url.origin} is not HTTPS; nothing is fetched from there.`);
    for (let tries = 1; ; tries++) {
      let wait = backoff(tries, firstWaitMs, mostWaitMs);
      let failure: SlipwayError;
      try {
        const response = await this.follow(url, request);
        if (expect.includes(response.statusCode)) return response;
        const asked = retryAfter(response, this.clock.now());
        await readUpTo(response, 1024);
        failure = refusal(response.statusCode, url.host, what);
        if (!passing.has(response.statusCode)) throw failure;
        if (asked !== undefined) wait = asked * 1000;
      } catch (caught) {
        if (!(caught instanceof SlipwayError) || !["unavailable", "overloaded"].includes(caught.code)) throw caught;
        failure = caught;
      }
      if (tries === mostTries || wait > mostWaitMs) throw failure;
      await this.clock.sleep(wait, signal);
    }
  }

  /** A JSON document. */
  async json(url: URL, request: SourceRequest): Promise<unknown> {
    const text = await this.text(url, request);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new SlipwayError("invalid", `${url.host} answered without JSON when it was asked for ${request.what}.`);
    }
  }

  /** A document of at most 32 MiB. */
  async text(url: URL, request: SourceRequest): Promise<string> {
    const response = await this.request(url, request);
    const bytes = await readUpTo(response, documentBytes);
    if (bytes.length >= documentBytes)
      throw new SlipwayError("tooLarge", `What ${url.host} says of ${request.what} is too long.`);
    return bytes.toString("utf8");
  }

  /**
   * A file's bytes from `at` on; a connection that breaks or stalls is replaced by one that continues. `version` is the entity tag that the file
   * must still have, or `pinned` where its address names its content; where nothing does, a broken file cannot be continued safely, and fails.
   */
  async *download(url: URL, at: number, version: string | "pinned" | undefined, request: SourceRequest): AsyncGenerator<Buffer> {
    let position = at;
    for (let interruptions = 0, progress = 0; ; ) {
      const from = position;
      try {
        const response = await this.request(url, {
          ...request,
          headers: { ...request.headers, ...(position > 0 && { range: `bytes=${position}-` }) },
          expect: position > 0 ? [206] : [200],
        });
        const found = strongTag(response);
        if (version !== undefined && version !== "pinned" && found !== undefined && found !== version) {
          response.body.destroy();
          throw new SlipwayError("conflict", `${request.what} changed on ${url.host} while it was fetched.`, {
            hint: "Try again.",
          });
        }
        for await (const chunk of this.fastEnough(response, url)) {
          position += chunk.length;
          yield chunk;
        }
        return;
      } catch (caught) {
        const error = this.wire.problem(caught, url, request.signal);
        if (!(error instanceof SlipwayError) || !["unavailable", "timeout"].includes(error.code)) throw error;
        if (position > 0 && version === undefined) throw error;
        progress += position - from;
        if (progress >= progressBytes) interruptions = progress = 0;
        if (++interruptions > mostInterruptions) throw error;
        await this.clock.sleep(backoff(interruptions, firstWaitMs, mostWaitMs), request.signal);
      }
    }
  }

  async close(): Promise<void> {
    await this.wire.close();
  }

  private async *fastEnough(response: WireResponse, url: URL): AsyncGenerator<Buffer> {
    let received = 0;
    let checked = 0;
    const check = () => {
      if (received - checked < leastBytes) {
        response.body.destroy(
          new SlipwayError("timeout", `${url.host} sends less than ${leastBytes} bytes in ${leastPerMs / 1000} s.`),
        );
        return;
      }
      checked = received;
      cancel = this.clock.after(leastPerMs, check);
    };
    let cancel = this.clock.after(leastPerMs, check);
    try {
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        received += chunk.length;
        yield chunk;
      }
    } finally {
      cancel();
    }
  }

  private async follow(url: URL, { method = "GET", headers, authorize, signal }: SourceRequest): Promise<WireResponse> {
    let at = url;
    for (let hops = 0; ; hops++) {
      const login = at.host === url.host ? await authorize?.(at) : undefined;
      const response = await this.wire.send(at, {
        method,
        headers: { "accept-encoding": "identity", ...headers, ...login },
        signal,
      });
      if (![301, 302, 303, 307, 308].includes(response.statusCode)) return response;
      await response.body.dump();
      if (hops === mostRedirects) throw new SlipwayError("forbidden", `${url.host} redirects more than ${mostRedirects} times.`);
      const { location } = response.headers;
      at = await followRedirect(at, Array.isArray(location) ? location[0] : location, "server");
    }
  }
}

/** An entity tag that changes with every byte; undefined for a weak one, which need not. */
export function strongTag({ headers }: Pick<WireResponse, "headers">): string | undefined {
  const tag = String(headers.etag ?? "");
  return /^"[^"]+"$/.test(tag) ? tag : undefined;
}

function refusal(status: number, host: string, what: string): SlipwayError {
  const said = `status ${status}`;
  if (status === 401) return new SlipwayError("unauthenticated", `${host} wants to know who you are before it gives ${what}.`);
  if (status === 403) return new SlipwayError("forbidden", `${host} does not let this user have ${what} (${said}).`);
  if (status === 404 || status === 410) return new SlipwayError("notFound", `${host} has no ${what} (${said}).`);
  if (status === 429) return new SlipwayError("overloaded", `${host} has too much to do to give ${what} (${said}).`);
  if (status >= 500) return new SlipwayError("unavailable", `${host} could not give ${what} (${said}).`);
  return new SlipwayError("invalid", `${host} refused ${what} (${said}).`);
}
