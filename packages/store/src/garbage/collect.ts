import { SlipwayError } from "@slipway/base";
import { type Kind, kinds, type Resource } from "@slipway/spec";
import type { Store } from "../store.ts";
import { type GarbageAction, garbage } from "./garbage.ts";

/** The manager of what garbage collection writes. */
const manager = "slipway-garbage-collector";

/**
 * Collects garbage until there is none: passes of {@link garbage} over the store. An object that changed meanwhile is left to the next pass; one
 * that cannot be collected does not hold up the others. Returns how many steps were taken. Throws the first failure once nothing else can be done.
 */
export async function collect(store: Store): Promise<number> {
  let done = 0;
  for (;;) {
    const actions = garbage(await everything(store));
    let progress = 0;
    let failure: { error: unknown } | undefined;
    for (const action of actions) {
      try {
        if (await perform(store, action)) progress++;
      } catch (error) {
        failure ??= { error };
      }
    }
    done += progress;
    if (progress > 0) continue;
    if (failure !== undefined) throw failure.error;
    return done;
  }
}

async function everything(store: Store): Promise<Resource[]> {
  const lists = await Promise.all((Object.keys(kinds) as Kind[]).map((kind) => store.list(kind)));
  return lists.flatMap(({ items }) => items);
}

async function perform(store: Store, action: GarbageAction): Promise<boolean> {
  const { kind, metadata } = action.resource;
  const version = metadata.resourceVersion!;
  try {
    const after =
      action.type === "update"
        ? await store.write(action.resource, { expect: version, manager })
        : await store.remove(kind, metadata, {
            expect: version,
            ...(action.propagation === undefined ? {} : { propagation: action.propagation }),
          });
    return after.metadata.resourceVersion !== version || (action.type === "update" && isFreed(after));
  } catch (error) {
    // Somebody else was faster; the next pass looks again.
    if (["conflict", "notFound"].includes(SlipwayError.from(error).code)) return false;
    throw error;
  }
}

/** Whether the write took the last finalizer of an object to be deleted: then it is gone, and no version tells. */
function isFreed({ metadata }: Resource): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
}
