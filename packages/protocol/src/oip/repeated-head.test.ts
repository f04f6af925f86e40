import assert from "node:assert/strict";
import { it } from "node:test";
import { RepeatedHead } from "./repeated-head.ts";

const what = "The request body";

it("a head that repeats is parsed once, another one anew", () => {
  const heads = new RepeatedHead();
  const first = heads.parse(Buffer.from('{"id":"a"}'), what);
  assert.equal(heads.parse(Buffer.from('{"id":"a"}'), what), first);
  assert.deepEqual(heads.parse(Buffer.from('{"id":"b"}'), what), { id: "b" });
  assert.deepEqual(heads.parse(Buffer.from('{"id":"a"}'), what), { id: "a" });
});

it("what it remembers is its own: the memory it came in may be written over", () => {
  const heads = new RepeatedHead();
  const bytes = Buffer.from('{"id":"a"}');
  heads.parse(bytes, what);
  bytes.write('{"id":"b"}');
  assert.deepEqual(heads.parse(bytes, what), { id: "b" });
});

it("a head that is refused is refused again, and the one before is still known", () => {
  const heads = new RepeatedHead();
  const first = heads.parse(Buffer.from('{"id":"a"}'), what);
  for (const text of ['{"id":"a","id":"a"}', "{", "\xff"])
    for (let turn = 0; turn < 2; turn += 1)
      assert.throws(() => heads.parse(Buffer.from(text, "latin1"), what), { code: "badRequest" });
  assert.equal(heads.parse(Buffer.from('{"id":"a"}'), what), first);
});
