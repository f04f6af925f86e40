import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bag, type Place } from "./bag.ts";

test("a bag holds what a set would", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), (steps) => {
      const bag = new Bag<number>();
      const model = new Map<number, Place<number>>();
      const gone: Place<number>[] = [];
      for (const [add, item] of steps) {
        const place = model.get(item);
        if (add && place === undefined) model.set(item, bag.add(item));
        else if (!add && place !== undefined) {
          assert.equal(bag.remove(place), true);
          model.delete(item);
          gone.push(place);
        }
        assert.equal(bag.size, model.size);
      }
      for (const place of gone) assert.equal(bag.remove(place), false);
      assert.deepEqual(new Set(bag.items()), new Set(model.keys()));
      bag.clear();
      assert.equal(bag.size, 0);
      for (const place of model.values()) assert.equal(bag.remove(place), false);
    }),
  );
});
