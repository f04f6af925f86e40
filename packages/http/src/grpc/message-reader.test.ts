import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MessageReader } from "./message-reader.ts";
import { framed } from "./testing/call-raw.ts";

test("MessageReader finds the same messages however their bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.nat(40), { minLength: 1 }),
      (messages, cuts) => {
        const bytes = Buffer.concat(messages.map((message) => framed(message)));
        const reader = new MessageReader(300);
        const found: Buffer[] = [];
        let at = 0;
        for (let turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length]! + (turn % cuts.length === 0 ? 1 : 0);
          reader.add(bytes.subarray(at, at + size));
          at += size;
          for (let next = reader.take(); next !== undefined; next = reader.take()) found.push(next.bytes);
        }
        reader.end();
        assert.equal(reader.begun, false);
        assert.deepEqual(
          found.map((message) => new Uint8Array(message)),
          messages,
        );
      },
    ),
  );
});

test("MessageReader refuses a length above the limit before the message comes, and a body that ends inside one", () => {
  const reader = new MessageReader(10);
  reader.add(framed(Buffer.alloc(0), 0, 11));
  assert.throws(() => reader.take(), { code: "tooLarge" });
  const cut = new MessageReader(10);
  cut.add(framed(Buffer.from("abc"), 0, 10));
  assert.equal(cut.take(), undefined);
  assert.throws(() => cut.end(), { grpcStatus: 13, message: /3 bytes of a message that is said to have 10/ });
});
