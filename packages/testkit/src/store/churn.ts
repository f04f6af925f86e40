import assert from "node:assert/strict";
import { SlipwayError, seededRandom } from "@slipway/base";
import type { Model } from "@slipway/spec";
import type { LocalStore } from "@slipway/store";
import { sampleModel } from "./sample-resources.ts";

const names = ["a", "b", "c", "d"];

/** Writers that create, change and remove Models in turns, each until it has done its number of writes; losing a race does not count. */
export async function churn(store: LocalStore, options: { writers: number; writes: number; seed: number }): Promise<void> {
  const random = seededRandom(options.seed);
  const writer = async (id: number) => {
    for (let done = 0; done < options.writes; ) {
      const name = names[Math.floor(random() * names.length)]!;
      const old = await store.get("Model", { namespace: "default", name });
      for (let turns = Math.floor(random() * 3); turns > 0; turns--) await turn();
      try {
        await writeOnce(store, name, old, `${id}-${done}`, random());
        done++;
      } catch (error) {
        assert.ok(["conflict", "alreadyExists", "notFound"].includes(SlipwayError.from(error).code), String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: options.writers }, (_, id) => writer(id)));
}

async function writeOnce(store: LocalStore, name: string, old: Model | undefined, value: string, choice: number): Promise<void> {
  const next = sampleModel(name, { parameters: { value } });
  if (old === undefined) await store.write(next, { expect: "absent", manager: "churn" });
  else if (choice < 0.3) await store.remove("Model", old.metadata, { expect: old.metadata.resourceVersion! });
  else await store.write(next, { expect: old.metadata.resourceVersion!, manager: "churn" });
}

/** A client that lists after some turns, then watches, and keeps its own view. `upTo` waits until the view is at least at a version. */
export function followModels(store: LocalStore, turns: number, signal: AbortSignal): { upTo(version: string): Promise<Model[]> } {
  const view = new Map<string, Model>();
  let at = -1;
  let wake = () => {};
  const follow = async () => {
    for (let left = turns; left > 0; left--) await turn();
    const { items, version } = await store.list("Model");
    for (const item of items) view.set(item.metadata.name, item);
    at = Number(version);
    wake();
    for (let left = turns; left > 0; left--) await turn();
    for await (const change of store.watch("Model", { from: version }, signal)) {
      assert.ok(change.type !== "bookmark" && Number(change.version) > at, "versions only grow");
      const { name } = change.resource.metadata;
      assert.equal(change.type === "added", !view.has(name), `${change.type} fits what was seen before`);
      if (change.type === "deleted") view.delete(name);
      else view.set(name, change.resource);
      at = Number(change.version);
      wake();
    }
  };
  const following = follow();
  const sorted = () => [...view.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return {
    async upTo(version) {
      while (at < Number(version)) await Promise.race([following, new Promise<void>((resolve) => (wake = resolve))]);
      return sorted();
    },
  };
}

/** Lets everything else that is ready run first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
