import { SlipwayError } from "@slipway/base";
import type { Fetch, FetchResponse } from "@slipway/client";
import { jsonLines } from "./json-lines.ts";
import { meantError } from "./meant-error.ts";
import { textLines } from "./text-lines.ts";

/** Where an API server is. */
export interface ApiServer {
  /** `https://host:port`, without a trailing slash. */
  readonly baseUrl: string;
  /** Trusts the server's CA and sends the credential. */
  readonly fetch: Fetch;
}

/** One call. */
export interface Call {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** How a server is told to refuse what it does not know. */
export const strict = { fieldValidation: "Strict" } as const;

/** Content type of a server-side apply. JSON is YAML, so the body is JSON. */
export const applyPatch = "application/apply-patch+yaml";

/** An API server's REST interface, and nothing more: JSON in, JSON out, every failure a `SlipwayError` with the code the server meant. */
export class RestClient {
  private readonly server: ApiServer;

  constructor(server: ApiServer) {
    this.server = server;
  }

  /** The answer's body as JSON. Throws `unavailable` when the server cannot be reached, else what its Status says. */
  async request(method: string, path: string, call: Call = {}): Promise<unknown> {
    const response = await this.send(method, path, call);
    const body = parseJson(await this.readText(response, call.signal));
    if (!response.ok) throw meantError(response.status, body);
    if (body !== undefined) return body;
    throw new SlipwayError("unavailable", `${this.origin} did not answer with JSON; is it an API server?`);
  }

  /** The JSON values of a watch, one a line, until the server ends it. Throws as {@link request} does, and `unavailable` when the connection is lost. */
  async *stream(path: string, call: Call): AsyncGenerator<unknown, void, undefined> {
    try {
      yield* jsonLines(await this.open(path, call));
    } catch (caught) {
      if (caught instanceof SyntaxError)
        throw new SlipwayError("internal", `${this.origin} sent a line of a watch that is not JSON.`);
      throw this.lost(caught, call.signal);
    }
  }

  /** The lines of a log until it ends, the last one also without its end. Throws as {@link stream} does. */
  async *lines(path: string, call: Call): AsyncGenerator<string, void, undefined> {
    try {
      const rest = yield* textLines(await this.open(path, call));
      if (rest !== "") yield rest;
    } catch (caught) {
      throw this.lost(caught, call.signal);
    }
  }

  private async open(path: string, call: Call): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.send("GET", path, call);
    if (!response.ok) throw meantError(response.status, parseJson(await this.readText(response, call.signal)));
    return response.body as AsyncIterable<Uint8Array>;
  }

  private async send(method: string, path: string, { query, body, contentType, signal }: Call): Promise<FetchResponse> {
    const given = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const search = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
    const headers = {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
    };
    try {
      return await this.server.fetch(`${this.server.baseUrl}${path}${search}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (caught) {
      throw this.lost(caught, signal);
    }
  }

  private async readText(response: FetchResponse, signal: AbortSignal | undefined): Promise<string> {
    try {
      return await response.text();
    } catch (caught) {
      throw this.lost(caught, signal);
    }
  }

  private lost(caught: unknown, signal: AbortSignal | undefined): SlipwayError {
    if (caught instanceof SlipwayError) return caught;
    if (signal?.aborted) return new SlipwayError("cancelled", "The call was cancelled.", { cause: caught });
    return new SlipwayError("unavailable", `The API server at ${this.origin} cannot be reached.`, {
      hint: "See whether the cluster runs and this machine may reach it: `kubectl version`.",
      cause: caught,
    });
  }

  private get origin(): string {
    return new URL(this.server.baseUrl).origin;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
