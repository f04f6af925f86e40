import { backoff, type Clock, SlipwayError } from "@slipway/base";
import { Authorizer, type Scope } from "./authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { followRedirect, mostRedirects } from "./follow-redirect.ts";
import { registryError, retryAfter } from "./registry-error.ts";
import { type Proxies, Wire, type WireRequest, type WireResponse } from "./wire.ts";

/** One call of a registry's API. */
export interface Call {
  readonly method: WireRequest["method"];
  readonly url: URL;
  readonly scope: Scope;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are an answer; every other is an error. */
  readonly expect: readonly number[];
  /** What is asked for, to name it in an error: "the manifest team/digits:v1". */
  readonly what: string;
  /** False for a call that cannot simply be made again. */
  readonly again?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses after which the same call may succeed. */
const passing = new Set([429, 500, 502, 503, 504]);
const mostTries = 6;
const firstWaitMs = 250;
/** Longest wait that a registry may ask for. */
const mostWaitMs = 60_000;

/** Calls registries: proves who the user is when asked, tries again what may succeed later, follows safe redirects. */
export class Transport {
  private readonly wire: Wire;
  private readonly authorizer: Authorizer;
  private readonly clock: Clock;

  constructor(credentials: Credentials, clock: Clock, proxies?: Proxies) {
    this.wire = new Wire(proxies);
    this.clock = clock;
    this.authorizer = new Authorizer(this.wire, credentials, clock);
  }

  /** The answer, with one of the expected statuses; its body must be read or dumped. Throws a `SlipwayError` that says what is wrong. */
  async call(call: Call): Promise<WireResponse> {
    for (let tries = 1; ; tries++) {
      let failure: SlipwayError;
      let wait = backoff(tries, firstWaitMs, mostWaitMs);
      try {
        const response = await this.authorized(call);
        if (call.expect.includes(response.statusCode)) return response;
        const asked = retryAfter(response, this.clock.now());
        failure = await registryError(response, call.url.host, call.what);
        if (!passing.has(response.statusCode)) throw failure;
        if (asked !== undefined) wait = asked * 1000;
      } catch (caught) {
        if (!(caught instanceof SlipwayError) || !["unavailable", "overloaded"].includes(caught.code)) throw caught;
        failure = caught;
      }
      if (call.again === false || tries === mostTries || wait > mostWaitMs) throw failure;
      await this.clock.sleep(wait, call.signal);
    }
  }

  async close(): Promise<void> {
    await this.wire.close();
  }

  private async authorized(call: Call): Promise<WireResponse> {
    const before = this.authorizer.header(call.scope);
    const response = await this.follow(call, before);
    if (response.statusCode !== 401) return response;
    const meanwhile = this.authorizer.header(call.scope);
    if (meanwhile !== undefined && meanwhile !== before) {
      await response.body.dump();
      return await this.follow(call, meanwhile);
    }
    if (!(await this.authorizer.answer(response, call.url, call.scope, call.signal))) return response;
    const header = this.authorizer.header(call.scope);
    if (header === before) return response;
    await response.body.dump();
    return await this.follow(call, header);
  }

  /** Follows redirects of reads. What proves who the user is goes to the registry itself and nowhere else. */
  private async follow({ method, url, headers, body, signal }: Call, authorization: string | undefined): Promise<WireResponse> {
    let at = url;
    for (let hops = 0; ; hops++) {
      const sent = { ...headers, ...(authorization !== undefined && at.host === url.host && { authorization }) };
      const response = await this.wire.send(at, { method, headers: sent, signal, ...(body && { body }) });
      const moved = [301, 302, 303, 307, 308].includes(response.statusCode);
      if (!moved || (method !== "GET" && method !== "HEAD")) return response;
      await response.body.dump();
      if (hops === mostRedirects)
        throw new SlipwayError("forbidden", `The registry ${url.host} redirects more than ${mostRedirects} times.`);
      const { location } = response.headers;
      at = await followRedirect(at, Array.isArray(location) ? location[0] : location);
    }
  }
}
