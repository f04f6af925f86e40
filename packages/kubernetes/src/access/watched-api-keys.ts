import type { Actor, Clock, Log } from "@slipway/base";
import { type CachedObject, ObjectCache } from "../cache/object-cache.ts";
import type { OutageLog } from "../cache/outage-log.ts";
import { knownMeta } from "../objects/known-meta.ts";
import { systemSecrets } from "../objects/names.ts";
import { objectPath } from "../rest/object-path.ts";
import type { RestClient } from "../rest/rest-client.ts";

/** An API key as it is kept: never the key itself. */
export interface ApiKeyEntry {
  /** Hexadecimal SHA-256 of the whole key. */
  readonly sha256: string;
  /** `NAMESPACE/NAME` or `NAMESPACE/*`; absent: every Model. */
  readonly models?: readonly string[];
}

interface KeysSecret extends CachedObject {
  readonly keys: ReadonlyMap<string, ApiKeyEntry>;
}

/** The API keys for inference by their id, followed in their Secret: a new one counts as soon as the cluster tells of it. */
export class WatchedApiKeys implements Actor {
  readonly name = "API keys";
  private readonly cache: ObjectCache<KeysSecret>;
  private readonly namespace: string;
  private known = false;

  constructor(options: {
    readonly rest: RestClient;
    readonly clock: Clock;
    readonly log: Log;
    readonly outages: OutageLog;
    readonly namespace: string;
  }) {
    const { namespace, log } = options;
    this.namespace = namespace;
    this.cache = new ObjectCache({
      rest: options.rest,
      clock: options.clock,
      outages: options.outages,
      name: "API keys",
      path: objectPath({ apiVersion: "v1", kind: "Secret" }, { namespace }),
      // The right to read is for this one name.
      selection: { fieldSelector: `metadata.name=${systemSecrets.apiKeys}` },
      read: (value) => readKeys(value, log),
    });
    void this.cache.synced.then(() => {
      this.known = true;
    });
  }

  /** By id; undefined before it is known which there are, empty when there is no Secret. */
  get entries(): ReadonlyMap<string, ApiKeyEntry> | undefined {
    if (!this.known) return undefined;
    return this.cache.get(this.namespace, systemSecrets.apiKeys)?.keys ?? new Map();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.cache.run(signal);
  }
}

function readKeys(value: unknown, log: Log): KeysSecret {
  const { metadata, data = {} } = value as KeysSecret & { readonly data?: Readonly<Record<string, string>> };
  const keys = new Map<string, ApiKeyEntry>();
  for (const [id, encoded] of Object.entries(data)) {
    const entry = readEntry(Buffer.from(encoded, "base64").toString("utf8"));
    // One that cannot be read lets nobody in; the others go on.
    if (entry === undefined) log.warn("an API key cannot be read; it lets nobody in", { id });
    else keys.set(id, entry);
  }
  return {
    metadata: knownMeta(metadata),
    keys,
  };
}

function readEntry(text: string): ApiKeyEntry | undefined {
  try {
    const { sha256, models } = JSON.parse(text) as { sha256?: unknown; models?: unknown };
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    if (models === undefined) return { sha256 };
    const named = Array.isArray(models) && models.every((each) => typeof each === "string");
    return named ? { sha256, models: models as string[] } : undefined;
  } catch {
    return undefined;
  }
}
