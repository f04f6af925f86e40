import assert from "node:assert/strict";
import { test } from "node:test";
import { SlipwayError } from "@slipway/base";
import type { FieldStructure } from "@slipway/spec";
import fc from "fast-check";
import { difference, isEmpty, sameSet, union } from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import type { Managers } from "./manager.ts";
import { managerId } from "./manager.ts";
import { merge } from "./merge.ts";
import { ownByApply, ownByUpdate } from "./ownership.ts";
import { printPath } from "./path-element.ts";

const scalar: FieldStructure = { type: "scalar" };
const structure: FieldStructure = {
  type: "object",
  fields: {
    number: scalar,
    map: { type: "object", fields: {}, additional: scalar },
    items: { type: "map-list", keys: ["name"], item: { type: "object", fields: { name: scalar, value: scalar } } },
    set: { type: "set-list" },
    whole: { type: "atomic" },
    inner: { type: "object", fields: { a: scalar, b: scalar } },
  },
};

const value = fc.nat(2);
const names = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 3 });
const config = fc.record(
  {
    number: value,
    map: fc.dictionary(fc.constantFrom("k", "l"), value, { maxKeys: 2, noNullPrototype: true }),
    items: names.chain((all) =>
      fc.tuple(...all.map((name) => fc.record({ name: fc.constant(name), value }, { noNullPrototype: true }))),
    ),
    set: names,
    whole: fc.array(value, { maxLength: 2 }),
    inner: fc.record({ a: value, b: value }, { requiredKeys: [], noNullPrototype: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const now = "2026-01-01T00:00:00Z";
const writer = (name: string) => ({ name, apiVersion: "v1" });
const applierId = (name: string) => managerId({ ...writer(name), operation: "Apply" });

interface State {
  readonly value: unknown;
  readonly managers: Managers;
}

const steps = fc.array(
  fc.record({ by: fc.constantFrom("one", "two", "three"), how: fc.constantFrom("apply", "update"), config }),
  { maxLength: 8 },
);

function after(program: { by: string; how: string; config: unknown }[]): State {
  let state: State = { value: {}, managers: new Map() };
  for (const { by, how, config: next } of program) {
    if (how === "apply") state = ownByApply(state.managers, writer(by), state.value, next, { structure, force: true, now });
    else state = { value: next, managers: ownByUpdate(state.managers, writer(by), state.value, next, structure, now) };
    state = { ...state, value: state.value ?? {} };
  }
  return state;
}

test("after an apply the object has the configuration, and its manager owns exactly that", () => {
  fc.assert(
    fc.property(steps, config, (program, wanted) => {
      const before = after(program);
      const applied = ownByApply(before.managers, writer("me"), before.value, wanted, { structure, force: true, now });
      const again = ownByApply(applied.managers, writer("me"), applied.value ?? {}, wanted, { structure, force: false, now });
      assert.deepEqual(again.value ?? {}, applied.value ?? {}, "applying again changes nothing");
      const own = applied.managers.get(applierId("me"))?.fields;
      assert.ok(own === undefined ? isEmpty(fieldsOf(wanted, structure)) : sameSet(own, fieldsOf(wanted, structure)));
      assert.deepEqual(merge(applied.value, wanted, structure), applied.value, "nothing of the configuration is lost");
    }),
    { numRuns: 300 },
  );
});

test("what only I applied goes when I apply it no more; what others own stays as it was", () => {
  fc.assert(
    fc.property(steps, config, (program, wanted) => {
      const before = after(program);
      const applied = ownByApply(before.managers, writer("me"), before.value, wanted, { structure, force: true, now });
      const withdrawn = ownByApply(applied.managers, writer("me"), applied.value ?? {}, {}, { structure, force: false, now });
      const others = [...applied.managers].filter(([id]) => id !== applierId("me")).map(([, { fields }]) => fields);
      const left = fieldsOf(withdrawn.value ?? {}, structure);
      const mine = others.reduce((set, other) => difference(set, other), fieldsOf(wanted, structure));
      for (const each of [...(withdrawn.managers.keys() as Iterable<string>)]) assert.notEqual(each, applierId("me"));
      const owned = others.reduce((set, other) => union(set, other), { member: false, children: new Map() } as typeof left);
      const kept = fieldsOf(applied.value ?? {}, structure);
      assert.ok(isEmpty(difference(difference(owned, difference(owned, kept)), union(left, mine))), "nobody else lost a field");
    }),
    { numRuns: 300 },
  );
});

test("an apply either conflicts or leaves every field of others at its value", () => {
  fc.assert(
    fc.property(steps, config, (program, wanted) => {
      const before = after(program);
      try {
        const applied = ownByApply(before.managers, writer("me"), before.value, wanted, { structure, force: false, now });
        for (const [id, { fields }] of before.managers) {
          const kept = applied.managers.get(id)?.fields;
          assert.ok(kept !== undefined && sameSet(kept, fields), `${id} still owns what it owned`);
        }
      } catch (error) {
        assert.ok(error instanceof SlipwayError && error.code === "conflict" && error.problems.length > 0, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test("more than ten updaters are merged, the oldest first", () => {
  let managers: Managers = new Map();
  let before: Record<string, unknown> = {};
  for (let index = 0; index < 13; index++) {
    const next = { ...before, map: { ...(before.map as object), [`k${index}`]: index } };
    managers = ownByUpdate(managers, writer(`client-${index}`), before, next, structure, `2026-01-01T00:00:${10 + index}Z`);
    before = next;
  }
  const all = [...managers.values()].map(({ name }) => name);
  assert.equal(all.length, 10);
  assert.deepEqual([...all].sort().slice(0, 2), ["ancient-changes", "client-10"]);
  const ancient = [...managers.values()].find(({ name }) => name === "ancient-changes");
  assert.deepEqual([...(ancient?.fields.children.get("f:map")?.children.keys() ?? [])], ["f:k0", "f:k1", "f:k2", "f:k3"]);
});

test("paths are printed as Kubernetes prints them", () => {
  assert.equal(printPath(["f:spec", 'k:{"name":"a","port":1}', "f:x-y"]), '.spec[name="a",port=1].x-y');
  assert.equal(printPath(["f:metadata", "f:finalizers", 'v:"a/b"']), '.metadata.finalizers[="a/b"]');
});
