import { SlipwayError } from "@slipway/base";
import type { ClusterObjects } from "../cluster/cluster-objects.ts";

/** One thing that was looked at in a cluster. */
export interface ClusterCheck {
  /** A few words. */
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found. */
  readonly detail: string;
  /** The way out, where there is one. */
  readonly hint?: string;
}

/** What a check works on. */
export interface CheckContext {
  readonly objects: ClusterObjects;
  /** Of the command line that asks: `0.1.0`. */
  readonly version: string;
}

/** The same check, whatever goes wrong in it: what cannot be looked at is a warning. An API server that cannot be reached at all is thrown. */
export async function guarded(name: string, check: () => Promise<ClusterCheck>): Promise<ClusterCheck> {
  try {
    return await check();
  } catch (caught) {
    const { code, message, hint } = SlipwayError.from(caught);
    if (code === "unavailable" || code === "unauthenticated" || code === "cancelled") throw caught;
    return { name, state: "warn", detail: `cannot be looked at: ${message}`, ...(hint === undefined ? {} : { hint }) };
  }
}
