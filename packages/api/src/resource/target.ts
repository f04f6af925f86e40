import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { Exchange } from "@slipway/http";
import type { Key, KindInfo, Resource } from "@slipway/spec";
import type { Store } from "@slipway/store";
import { negotiateForm } from "../present/negotiate.ts";
import type { Presentation } from "../present/present.ts";
import { notFound } from "../status/refusals.ts";
import type { Snapshots } from "./snapshots.ts";

/** What all handlers work with. */
export interface ApiContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly snapshots: Snapshots;
}

/** One request about objects of one kind. */
export interface Target {
  readonly context: ApiContext;
  readonly exchange: Exchange;
  readonly info: KindInfo;
  readonly namespace: string | undefined;
  /** Empty in requests about many objects. */
  readonly name: string;
}

/** The key of the object a request names. */
export function keyOf({ namespace, name }: Pick<Target, "namespace" | "name">): Key {
  return namespace === undefined ? { name } : { namespace, name };
}

/** The object a request names. Throws `notFound`. */
export async function existing(target: Target): Promise<Resource> {
  const found = await target.context.store.get(target.info.kind, keyOf(target));
  if (found === undefined) throw notFound(target);
  return found;
}

/** How the client wants objects shown. Throws `notAcceptable` or `badRequest`. */
export function presentationOf({ exchange, info, context }: Target): Presentation {
  const form = negotiateForm(exchange.headers.accept);
  const rows = exchange.query.get("includeObject") ?? "Metadata";
  if (rows !== "None" && rows !== "Metadata" && rows !== "Object") {
    throw new SlipwayError(
      "badRequest",
      `includeObject: Unsupported value: ${JSON.stringify(rows)}: supported values: None, Metadata, Object.`,
    );
  }
  return { form, rows, info, now: context.clock.now() };
}
