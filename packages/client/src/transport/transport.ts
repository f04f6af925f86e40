import { SlipwayError } from "@slipway/base";

/** What the client reads of an answer; the global `fetch` and undici's both give it. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: unknown;
  text(): Promise<string>;
}

/** What the client asks for. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
}

/** The only way out of this package: the caller decides whom it trusts and which proxy it uses. A `SlipwayError` it throws is passed on as it is. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** Why a failed fetch failed, for people: the system's code where there is one. */
function cause(caught: unknown): string {
  for (let error: unknown = caught; error instanceof Error; error = error.cause) {
    const code = (error as { code?: unknown }).code;
    if (code === "ECONNREFUSED") return "the connection was refused";
    if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "the connection was lost";
    if (typeof code === "string") return code;
  }
  return caught instanceof Error ? caught.message : "unknown";
}

/** What an aborted call throws: the signal's own reason when that is already ours. */
export function abortError(signal: AbortSignal | undefined): SlipwayError {
  return signal?.reason instanceof SlipwayError ? signal.reason : new SlipwayError("cancelled", "The operation was cancelled.");
}

/** One call; a server that cannot be reached becomes `unavailable`, an abort `cancelled`. `who` is the subject of the message. */
export async function send(fetch: Fetch, who: string, url: string, init: FetchInit): Promise<FetchResponse> {
  try {
    return await fetch(url, init);
  } catch (caught) {
    if (init.signal?.aborted) throw abortError(init.signal);
    if (caught instanceof SlipwayError) throw caught;
    throw unreachable(who, url, caught);
  }
}

/** The whole body as text; a connection lost on the way becomes `unavailable`. */
export async function readText(who: string, url: string, response: FetchResponse, signal?: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (caught) {
    if (signal?.aborted) throw abortError(signal);
    throw unreachable(who, url, caught);
  }
}

/** The error for a server that did not answer. */
export function unreachable(who: string, url: string, caught: unknown): SlipwayError {
  return new SlipwayError("unavailable", `${who} at ${new URL(url).origin} cannot be reached: ${cause(caught)}.`, {
    hint: "See whether the platform runs: `slipway doctor`.",
    cause: caught,
  });
}
