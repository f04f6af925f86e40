import type { FieldStructure } from "@slipway/spec";
import { isObject } from "./is-object.ts";
import { itemsByElement, type OwnedList } from "./path-element.ts";

/** Lays an applied configuration over the live value: objects by field, keyed lists and sets by item, all else as a whole. Changes neither. */
export function merge(live: unknown, config: unknown, structure: FieldStructure): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  if (structure.type === "object" && isObject(live) && isObject(config)) {
    const merged = new Map(Object.entries(live));
    for (const [name, value] of Object.entries(config)) {
      const field = Object.hasOwn(structure.fields, name)
        ? structure.fields[name]!
        : (structure.additional ?? { type: "atomic" });
      merged.set(name, merge(merged.get(name), value, field));
    }
    return Object.fromEntries(merged);
  }
  if ((structure.type === "map-list" || structure.type === "set-list") && Array.isArray(live) && Array.isArray(config)) {
    return mergeLists(live, config, structure);
  }
  return config;
}

/** Items that both lists have come in the order of the configuration; items that only the live list has stay close to their neighbours. */
function mergeLists(live: readonly unknown[], config: readonly unknown[], structure: OwnedList): readonly unknown[] {
  const left = itemsByElement(structure, live);
  const right = itemsByElement(structure, config);
  // Items without their key: validation says which.
  if (left === undefined || right === undefined) return config;
  const item: FieldStructure = structure.type === "map-list" ? structure.item : { type: "atomic" };
  const order = mergeOrder([...left.keys()], [...right.keys()]);
  return order.map((element) => merge(left.get(element), right.get(element), item));
}

/** The order of structured-merge-diff: walk both lists; emit what only the live list has where it stands, all else as the configuration orders it. */
function mergeOrder(left: readonly string[], right: readonly string[]): string[] {
  const inLeft = new Set(left);
  const inRight = new Set(right);
  const shared = right.filter((element) => inLeft.has(element));
  const order: string[] = [];
  let l = 0;
  let r = 0;
  let nextShared = 0;
  const takeRight = () => {
    const element = right[r]!;
    order.push(element);
    r++;
    if (shared[nextShared] === element) nextShared++;
  };
  while (l < left.length || r < right.length) {
    const element = left[l];
    if (element !== undefined && !inRight.has(element)) {
      order.push(element);
      l++;
    } else if (element !== undefined && (r >= right.length || (element !== right[r] && element !== shared[nextShared]))) {
      // Shared, but not the one that is due now: the configuration says where it goes.
      l++;
    } else {
      if (element !== undefined && element === right[r]) l++;
      takeRight();
    }
  }
  return order;
}
