import { SlipwayError } from "@slipway/base";
import type { RestClient } from "./rest-client.ts";

/** Objects in one answer of a list; a list of thousands comes in pages of one version. */
const pageSize = 500;

/** Narrows a list or a watch: `labelSelector`, `fieldSelector`. */
export type Selection = Readonly<Record<string, string | undefined>>;

/** All objects under a path as they were at one version. Items of a list leave out what the list itself says: their kind. */
export async function listObjects(
  rest: RestClient,
  path: string,
  selection: Selection = {},
  signal?: AbortSignal,
): Promise<{ readonly items: readonly unknown[]; readonly version: string }> {
  const call = { path, selection, ...(signal && { signal }) };
  try {
    return await listPages(rest, call, String(pageSize));
  } catch (caught) {
    // The server forgot the version of the first page before the last was asked for: then all at once.
    if (SlipwayError.from(caught).code !== "expired") throw caught;
    return listPages(rest, call, undefined);
  }
}

async function listPages(
  rest: RestClient,
  { path, selection, signal }: { path: string; selection: Selection; signal?: AbortSignal },
  limit: string | undefined,
): Promise<{ items: unknown[]; version: string }> {
  const items: unknown[] = [];
  let version = "";
  let next: string | undefined;
  do {
    const page = (await rest.request("GET", path, {
      query: { ...selection, limit, continue: next },
      ...(signal && { signal }),
    })) as {
      readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
      readonly items: readonly unknown[];
    };
    items.push(...page.items);
    version = page.metadata.resourceVersion;
    next = page.metadata.continue === "" ? undefined : page.metadata.continue;
  } while (next !== undefined);
  return { items, version };
}
