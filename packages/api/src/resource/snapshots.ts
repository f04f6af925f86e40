import { SlipwayError } from "@slipway/base";
import type { KindInfo, Resource } from "@slipway/spec";
import type { Listing } from "@slipway/store";

/** Lists being paged through, so that all pages of a list are of one version. Objects are shared with the store, so one costs an array. */
export class Snapshots {
  private readonly kept = new Map<string, Listing>();
  private readonly most: number;

  /** Keeps the `most` newest lists. */
  constructor(most = 16) {
    this.most = most;
  }

  /** Keeps a list for the pages to come. */
  keep(info: KindInfo, namespace: string | undefined, listing: Listing): void {
    const key = name(info, namespace, listing.version);
    this.kept.delete(key);
    this.kept.set(key, listing);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
    }
  }

  /** The list of that version, while it is kept. */
  find(info: KindInfo, namespace: string | undefined, version: string): Listing | undefined {
    return this.kept.get(name(info, namespace, version));
  }
}

function name(info: KindInfo, namespace: string | undefined, version: string): string {
  return `${info.plural}/${namespace ?? ""}/${version}`;
}

/** A place in a list: just after one object, at one version; without version, in whatever the list is by then. */
export interface Place {
  readonly version: string | undefined;
  readonly after: string;
}

/** The continue token of a place; opaque to clients. */
export function writeToken(place: Place): string {
  return Buffer.from(JSON.stringify([place.version ?? "", place.after])).toString("base64url");
}

/** The place of a continue token. Throws `badRequest`. */
export function readToken(token: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (Array.isArray(value) && value.length === 2) {
      const [version, after]: unknown[] = value;
      if (typeof version === "string" && typeof after === "string")
        return { version: version === "" ? undefined : version, after };
    }
  } catch {
    // Not one of ours: refused below.
  }
  throw new SlipwayError("badRequest", "continue key is not valid.", {
    hint: "Use the token of metadata.continue as it is, or list from the start.",
  });
}

/** Where an object stands in a list. No name holds a NUL, so order by this text is order by namespace, then name. */
export function placeOf(resource: Resource): string {
  return `${resource.metadata.namespace ?? ""}\u0000${resource.metadata.name}`;
}
