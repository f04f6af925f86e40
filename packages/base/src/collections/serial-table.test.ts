import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SerialTable } from "./serial-table.ts";

test("a serial table holds what a map would, also when some stay for long", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(600), fc.nat(3))), (steps) => {
      const table = new SerialTable<string>();
      const model = new Map<number, string>();
      let next = 1;
      for (const [remove, skip] of steps) {
        next += 1 + skip * 85;
        table.set(next, `value ${next}`);
        model.set(next, `value ${next}`);
        assert.equal(table.delete(remove), model.delete(remove));
        assert.equal(table.get(remove), undefined);
        assert.equal(table.size, model.size);
      }
      for (const [number, value] of model) assert.equal(table.get(number), value);
      assert.deepEqual(new Set(table.all()), new Set(model.values()));
      table.clear();
      assert.deepEqual([table.size, table.all(), table.get(next)], [0, [], undefined]);
    }),
  );
});

test("a value that stays keeps its place when later numbers share its slot", () => {
  const table = new SerialTable<string>();
  table.set(1, "stays");
  table.set(257, "later");
  assert.deepEqual([table.get(1), table.get(257), table.get(513), table.size], ["stays", "later", undefined, 2]);
  assert.equal(table.delete(1), true);
  assert.equal(table.get(257), "later");
  assert.equal(table.delete(257), true);
  assert.equal(table.size, 0);
});
