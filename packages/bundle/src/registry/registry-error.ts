import { type ErrorCode, SlipwayError } from "@slipway/base";
import type { WireResponse } from "./wire.ts";

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "notFound",
  405: "unimplemented",
  413: "tooLarge",
  429: "overloaded",
};

/** Bytes of an error's body that are looked at. */
const mostBytes = 64 * 1024;

/** What a registry's refusal means; `what` names the thing asked for, as in "digits:v1 in registry.example.org". Reads the body. */
export async function registryError(response: WireResponse, host: string, what: string): Promise<SlipwayError> {
  const { statusCode: status } = response;
  const said = saidBy(await readUpTo(response, mostBytes));
  const code = codes[status] ?? (status >= 500 ? "unavailable" : "invalid");
  const reason = said === "" ? `status ${status}` : `status ${status}: ${said}`;
  switch (code) {
    case "unauthenticated":
      return new SlipwayError(code, `The registry ${host} wants to know who you are before it gives ${what}.`, {
        hint: `Log in, for example with \`docker login ${host}\`; ~/.docker/config.json is read.`,
      });
    case "forbidden":
      return new SlipwayError(code, `The registry ${host} does not let this user have ${what} (${reason}).`, {
        hint: `Use another login, or ask whoever runs the registry.`,
      });
    case "notFound":
      return new SlipwayError(code, `The registry ${host} has no ${what}.`, {
        hint: "Check repository, tag and digest. Some registries answer so to who may not read.",
      });
    default: {
      const after = retryAfter(response, Date.parse(String(response.headers.date ?? "")));
      return new SlipwayError(code, `The registry ${host} refused ${what} (${reason}).`, {
        ...(after === undefined ? {} : { retryAfter: after }),
      });
    }
  }
}

/** Seconds that `Retry-After` asks for, as a number or as a date compared with the registry's own clock. */
export function retryAfter(response: WireResponse, now: number): number | undefined {
  const value = String(response.headers["retry-after"] ?? "");
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const seconds = Math.ceil((Date.parse(value) - now) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** A body's beginning as bytes; the rest is not waited for. */
export async function readUpTo(response: WireResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) break;
    }
  } catch {
    // What has come is enough to say what is known.
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

/** The first message of the error document, one line of printable text. */
function saidBy(body: Buffer): string {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as { errors: { code?: unknown; message?: unknown }[] };
    const { code, message } = errors[0]!;
    const text = typeof message === "string" && message !== "" ? message : String(code ?? "");
    return text.replace(/[^\x21-\x7e]+/g, " ").slice(0, 200);
  } catch {
    return "";
  }
}
