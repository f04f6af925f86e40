import { createHash, timingSafeEqual } from "node:crypto";
import { Caller } from "./caller.ts";

/** What is kept of an API key: never the key. */
export interface ApiKeyEntry {
  /** Of the whole key, in 64 hexadecimal digits. */
  readonly sha256: string;
  /** `NAMESPACE/NAME` or `NAMESPACE/*`; absent: every model. */
  readonly models?: readonly string[];
}

/** The API keys there are. */
export interface ApiKeys {
  /** By id; undefined before they were read for the first time. */
  readonly entries: ReadonlyMap<string, ApiKeyEntry> | undefined;
}

/** `slw_ID_SECRET`; an id has no underscore. */
const form = /^slw_([A-Za-z0-9.-]{1,63})_[A-Za-z0-9_-]{16,128}$/;

/** What no key's hash is, to compare with when there is no key of that id. */
const noHash = Buffer.alloc(32);

/** Whether a token is meant to be an API key: then it is nothing else, and is shown to nobody else. */
export function isApiKey(token: string): boolean {
  return token.startsWith("slw_");
}

/** Who an API key belongs to; undefined when it is none of these. Takes as long whatever of it is wrong. */
export function verifyApiKey(token: string, entries: ReadonlyMap<string, ApiKeyEntry>): Caller | undefined {
  const id = form.exec(token)?.[1];
  const entry = id === undefined ? undefined : entries.get(id);
  const expected = entry === undefined ? noHash : Buffer.from(entry.sha256, "hex");
  const hash = createHash("sha256").update(token).digest();
  const fits = timingSafeEqual(hash, expected.length === hash.length ? expected : noHash);
  return fits && entry !== undefined ? new Caller(`key:${id}`, [], entry.models) : undefined;
}
