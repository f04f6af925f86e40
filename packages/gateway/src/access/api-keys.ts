import { createHash, timingSafeEqual } from "node:crypto";
import { Caller } from "./caller.ts";

/** API keys as they are stored. */
export interface ApiKeys {
  /** By id, the JSON of `{"sha256": …, "models"?: […]}`; undefined before they were read for the first time. Another object whenever one changed. */
  readonly entries: ReadonlyMap<string, string> | undefined;
}

/** What is known of one key. */
interface ApiKey {
  /** Of the whole key. */
  readonly hash: Buffer;
  readonly models: readonly string[] | undefined;
}

/** `slw_ID_SECRET`; an id has no underscore. */
const form = /^slw_([A-Za-z0-9.-]{1,63})_[A-Za-z0-9_-]{16,128}$/;

const modelForm = /^[a-z0-9.-]{1,253}\/([a-z0-9.-]{1,253}|\*)$/;

/** What no key's hash is, to compare with when there is no key of that id. */
const noHash = Buffer.alloc(32);

/** Whether a token is meant to be an API key: then it is nothing else, and is shown to nobody else. */
export function isApiKey(token: string): boolean {
  return token.startsWith("slw_");
}

/** The keys of a set of entries. */
export class ApiKeySet {
  private readonly keys = new Map<string, ApiKey>();
  /** Ids of entries that are malformed; their keys are not valid. */
  readonly malformed: readonly string[];

  constructor(entries: ReadonlyMap<string, string>) {
    const malformed: string[] = [];
    for (const [id, text] of entries) {
      const key = parse(text);
      if (key === undefined) malformed.push(id);
      else this.keys.set(id, key);
    }
    this.malformed = malformed;
  }

  /** Who a key belongs to; undefined when it is not one of these. Takes as long whatever of it is wrong. */
  verify(token: string): Caller | undefined {
    const id = form.exec(token)?.[1];
    const key = id === undefined ? undefined : this.keys.get(id);
    const hash = createHash("sha256").update(token).digest();
    const fits = timingSafeEqual(hash, key?.hash ?? noHash);
    return fits && key !== undefined ? new Caller(`key:${id}`, [], key.models) : undefined;
  }
}

/** A scope that cannot be read makes the whole entry malformed: a key must never be for more than was meant. */
function parse(text: string): ApiKey | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { sha256, models } = value as Record<string, unknown>;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  if (models !== undefined && !isScope(models)) return undefined;
  return { hash: Buffer.from(sha256, "hex"), models };
}

function isScope(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((model) => typeof model === "string" && modelForm.test(model));
}
