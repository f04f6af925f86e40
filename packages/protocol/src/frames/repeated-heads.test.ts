import assert from "node:assert/strict";
import { test } from "node:test";
import { headBytes } from "./frame-format.ts";
import type { FrameRequestHead, FrameResponseHead } from "./frame-heads.ts";
import { decodeRequestHead, encodeRequestHead, encodeResponseHead } from "./head-codec.ts";
import { RequestHeadReader, RequestHeadWriter, ResponseHeadReader } from "./repeated-heads.ts";

const first: FrameRequestHead = {
  namespace: "default",
  model: "digits",
  revision: "digits-1",
  method: "POST",
  path: "infer",
  deadline: 60_000,
  headers: { "content-type": "application/json", "x-request-id": "1" },
};

/** One change of each field that a head has, and of each way that headers can differ. */
const changed: FrameRequestHead[] = [
  { ...first, deadline: 59_999 },
  { ...first, headers: { ...first.headers } },
  { ...first, namespace: "other" },
  { ...first, model: "letters" },
  { ...first, revision: "digits-2" },
  { ...first, method: "GET" },
  { ...first, path: "ready" },
  { ...first, headers: { "content-type": "application/json", "x-request-id": "2" } },
  { ...first, headers: { "content-type": "application/json" } },
  { ...first, headers: { ...first.headers, accept: "*/*" } },
  { ...first, headers: { "content-type": "application/json", traceparent: "1" } },
  { ...first, headers: { accept: "x".repeat(2_000) } },
];

function encoded(head: FrameRequestHead): Buffer {
  const target = Buffer.alloc(headBytes);
  return target.subarray(0, encodeRequestHead(target, 0, head));
}

function encodedResponse(head: FrameResponseHead): Buffer {
  const target = Buffer.alloc(headBytes);
  return target.subarray(0, encodeResponseHead(target, 0, head));
}

test("whatever came before it, a head is written as it is", () => {
  for (const head of changed) {
    const writer = new RequestHeadWriter();
    const target = Buffer.alloc(headBytes + 7);
    for (const one of [first, head, head, first]) {
      const end = writer.write(target, 7, one);
      assert.deepEqual(decodeRequestHead(target.subarray(7, end)), one);
    }
  }
});

test("whatever came before it, a head is read as it was written", () => {
  for (const head of changed) {
    const reader = new RequestHeadReader();
    for (const one of [first, head, head, first]) assert.deepEqual(reader.read(encoded(one)), one);
  }
});

test("a head that cannot be written or read leaves nothing behind", () => {
  const writer = new RequestHeadWriter();
  const target = Buffer.alloc(headBytes);
  writer.write(target, 0, first);
  assert.throws(() => writer.write(target, 0, { ...first, headers: { accept: "a\nb" } }));
  assert.deepEqual(decodeRequestHead(target.subarray(0, writer.write(target, 0, first))), first);
  const reader = new RequestHeadReader();
  reader.read(encoded(first));
  assert.throws(() => reader.read(encoded(first).subarray(0, 20)));
  assert.throws(() => reader.read(encoded(first).subarray(0, 4)));
  assert.deepEqual(reader.read(encoded(first)), first);
});

test("an answer's head that repeats itself is the same object, and one that does not is its own", () => {
  const reader = new ResponseHeadReader();
  const plain = encodedResponse({ status: 200, headers: { "content-type": "application/json" } });
  const head = reader.read(plain);
  assert.equal(reader.read(Buffer.from(plain)), head);
  assert.deepEqual(reader.read(encodedResponse({ status: 503, headers: {} })), { status: 503, headers: {} });
  assert.deepEqual(reader.read(plain), { status: 200, headers: { "content-type": "application/json" } });
});
