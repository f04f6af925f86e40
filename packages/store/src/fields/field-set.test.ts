import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { difference, type FieldPath, hasPath, intersection, isEmpty, pathsOf, sameSet, setOf, union } from "./field-set.ts";
import { fromFieldsV1, toFieldsV1 } from "./fields-v1.ts";

const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"y"'), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 8 });
const text = (each: FieldPath) => JSON.stringify(each);

test("sets of fields behave as sets of their paths", () => {
  fc.assert(
    fc.property(paths, paths, (left, right) => {
      const a = new Set(left.map(text));
      const b = new Set(right.map(text));
      const members = (set: ReturnType<typeof setOf>) => new Set(pathsOf(set).map(text));
      assert.deepEqual(members(union(setOf(...left), setOf(...right))), a.union(b));
      assert.deepEqual(members(intersection(setOf(...left), setOf(...right))), a.intersection(b));
      assert.deepEqual(members(difference(setOf(...left), setOf(...right))), a.difference(b));
      assert.equal(isEmpty(difference(setOf(...left), setOf(...right))), a.isSubsetOf(b));
      assert.ok(left.every((each) => hasPath(setOf(...left), each)));
    }),
  );
});

test("FieldsV1 is read back as it was written", () => {
  fc.assert(
    fc.property(paths, (all) => {
      const read = fromFieldsV1(toFieldsV1(setOf(...all)));
      assert.ok(read !== undefined && sameSet(read, setOf(...all)));
    }),
  );
});

test("a parent that is itself in a set is written as a dot", () => {
  assert.deepEqual(toFieldsV1(setOf(["f:a"], ["f:a", "f:b"], ["f:c"])), { "f:a": { ".": {}, "f:b": {} }, "f:c": {} });
});

test("FieldsV1 that is not well-formed is not read", () => {
  for (const wrong of [null, [], "f:a", { a: {} }, { "f:a": 1 }, { "f:a": { b: {} } }])
    assert.equal(fromFieldsV1(wrong), undefined);
});
