import { SlipwayError } from "@slipway/base";
import { parseRouteTable } from "./parse-route-table.ts";
import type { RouteTable } from "./route-table.ts";

/** The version of the feed between control and gateways; a gateway of another version is refused. */
export const feedVersion = 1;

/** What control sends to a gateway, one JSON object per line: the whole table, or a question whether the gateway lives. */
export type FeedDown = { readonly type: "routes"; readonly table: RouteTable } | { readonly type: "ping" };

/** What a gateway sends to control: who it is (first), the generation it has in force, or that it lives. */
export type FeedUp =
  | { readonly type: "hello"; readonly version: number; readonly gateway: string }
  | { readonly type: "applied"; readonly generation: number }
  | { readonly type: "pong" };

/** A message from control. Throws `badRequest` or `invalid` when it is none. */
export function parseFeedDown(line: string): FeedDown {
  const message = readObject(line);
  if (message.type === "routes") return { type: "routes", table: parseRouteTable(message.table) };
  if (message.type === "ping") return { type: "ping" };
  throw new SlipwayError("badRequest", `Control sent a message of the unknown type ${JSON.stringify(message.type)}.`);
}

/** A message from a gateway. Throws `badRequest` when it is none. */
export function parseFeedUp(line: string): FeedUp {
  const { type, version, gateway, generation } = readObject(line);
  if (type === "hello" && Number.isInteger(version) && typeof gateway === "string")
    return { type, version: version as number, gateway };
  if (type === "applied" && Number.isSafeInteger(generation)) return { type, generation: generation as number };
  if (type === "pong") return { type };
  throw new SlipwayError("badRequest", `A gateway sent a malformed message of type ${JSON.stringify(type)}.`);
}

function readObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SlipwayError("badRequest", "A line of the routes feed is not JSON.");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new SlipwayError("badRequest", "A line of the routes feed is not a JSON object.");
}
