import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { frameType } from "./frame-format.ts";
import { FrameParser } from "./frame-parser.ts";
import { FrameWriter } from "./frame-writer.ts";
import { decodeRequestHead, decodeResponseHead } from "./head-codec.ts";

interface Seen {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: string;
}

/** What a parser reports of these chunks; parts of data frames that follow each other are joined, because how they split is not a promise. */
function parse(chunks: readonly Buffer[]): Seen[] {
  const seen: Seen[] = [];
  let open: { stream: number; parts: Buffer[] } | undefined;
  const parser = new FrameParser({
    frame: (type, flags, stream, payload) => seen.push({ type, flags, stream, payload: payload.toString("hex") }),
    data: (stream, chunk, end) => {
      if (open?.stream !== stream) open = { stream, parts: [] };
      open.parts.push(Buffer.from(chunk));
      if (end) {
        seen.push({ type: frameType.data, flags: 1, stream, payload: Buffer.concat(open.parts).toString("hex") });
        open = undefined;
      }
    },
  });
  for (const chunk of chunks) parser.push(chunk);
  return seen;
}

const headers = fc.dictionary(
  fc.constantFrom("content-type", "accept", "x-own", "x-request-id"),
  fc.stringMatching(/^[ -~]{0,40}$/),
);
const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
const anything = fc.oneof(
  fc.record({
    kind: fc.constant("request" as const),
    head: fc.record({
      namespace: text(20),
      model: text(20),
      revision: text(20),
      method: fc.constantFrom("GET", "POST"),
      path: text(40),
      deadline: fc.nat(),
      headers,
    }),
  }),
  fc.record({ kind: fc.constant("response" as const), head: fc.record({ status: fc.integer({ min: 200, max: 599 }), headers }) }),
  fc.record({ kind: fc.constant("data" as const), bytes: fc.uint8Array({ maxLength: 9000 }) }),
  fc.record({ kind: fc.constant("credit" as const), value: fc.nat() }),
);

/** The bytes of messages, as one write of a tick. */
async function write(messages: readonly (typeof anything extends fc.Arbitrary<infer T> ? T : never)[]): Promise<Buffer> {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      written.push(Buffer.from(chunk));
      done();
    },
  });
  const writer = new FrameWriter(socket, () => {});
  messages.forEach((message, index) => {
    if (message.kind === "request") writer.request(index + 1, message.head, true);
    else if (message.kind === "response") writer.response(index + 1, message.head, false);
    else if (message.kind === "data") writer.data(index + 1, message.bytes, true);
    else writer.number(frameType.credit, index + 1, message.value);
  });
  await new Promise<void>((resolve) => setImmediate(resolve));
  return Buffer.concat(written);
}

describe("FrameParser", () => {
  it("reads what FrameWriter wrote, however it is split", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(2000)), async (messages, cuts) => {
        const bytes = await write(messages);
        const whole = parse([bytes]);
        assert.equal(whole.length, messages.length);
        messages.forEach((message, index) => {
          const payload = Buffer.from(whole[index]!.payload, "hex");
          if (message.kind === "request")
            assert.deepEqual(decodeRequestHead(payload), { ...message.head, headers: { ...message.head.headers } });
          if (message.kind === "response")
            assert.deepEqual(decodeResponseHead(payload), { ...message.head, headers: { ...message.head.headers } });
          if (message.kind === "data") assert.deepEqual(payload, Buffer.from(message.bytes));
        });
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(bytes.subarray(at));
        assert.deepEqual(parse(chunks), whole);
      }),
      { numRuns: 60 },
    );
  });

  it("reads every message cut at every byte, and byte by byte", async () => {
    const bytes = await write([
      {
        kind: "request",
        head: {
          namespace: "default",
          model: "digits",
          revision: "digits-1",
          method: "POST",
          path: "infer",
          deadline: 60_000,
          headers: { accept: "*/*" },
        },
      },
      { kind: "data", bytes: new Uint8Array(100).fill(7) },
      { kind: "response", head: { status: 200, headers: { "x-own": "yes" } } },
      { kind: "credit", value: 65_536 },
    ]);
    const whole = parse([bytes]);
    for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(parse([bytes.subarray(0, cut), bytes.subarray(cut)]), whole);
    assert.deepEqual(parse([...bytes].map((byte) => Buffer.of(byte))), whole);
  });

  it("answers random and damaged bytes with badRequest or with frames, never with anything else", async () => {
    const good = await write([
      {
        kind: "request",
        head: {
          namespace: "n",
          model: "m",
          revision: "r",
          method: "POST",
          path: "infer",
          deadline: 1,
          headers: { "x-own": "v" },
        },
      },
      { kind: "response", head: { status: 200, headers: { accept: "a" } } },
      { kind: "data", bytes: new Uint8Array(40) },
    ]);
    const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 400 }).map(Buffer.from)), (bytes) => {
        try {
          for (const frame of parse([bytes])) {
            const payload = Buffer.from(frame.payload, "hex");
            if (frame.type === frameType.request) decodeRequestHead(payload);
            if (frame.type === frameType.response) decodeResponseHead(payload);
          }
        } catch (error) {
          assert.ok(error instanceof SlipwayError && error.code === "badRequest", String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses a length above the type's limit before any payload has come", () => {
    const header = Buffer.alloc(10);
    header.writeUInt32BE(0xffff_ffff, 0);
    for (const type of Object.values(frameType)) {
      header[4] = type;
      assert.throws(() => parse([header]), /bytes;/);
    }
  });

  it("never hands on a header that could break out of an HTTP head", () => {
    for (const [name, value] of [
      ["x-own", "a\r\nset-cookie: b"],
      ["bad name", "v"],
      ["X-Upper", "v"],
    ] as const) {
      const nameBytes = Buffer.from(name);
      const valueBytes = Buffer.from(value);
      const payload = Buffer.concat([
        Buffer.of(0, 200, 1, 0, nameBytes.length),
        nameBytes,
        Buffer.of(0, valueBytes.length),
        valueBytes,
      ]);
      assert.throws(() => decodeResponseHead(payload), { code: "badRequest" });
    }
  });
});

describe("FrameWriter", () => {
  it("writes the head, body and end of many small messages of one turn as one chunk", async () => {
    let writes = 0;
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        writes += 1;
        done();
      },
    });
    const writer = new FrameWriter(socket, () => {});
    for (let stream = 1; stream <= 20; stream++) {
      writer.response(stream, { status: 200, headers: { "content-type": "application/json" } }, false);
      writer.data(stream, Buffer.alloc(500), true);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.equal(writes, 1);
  });

  it("refuses a head that does not fit and sends nothing of it", async () => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const writer = new FrameWriter(socket, () => {});
    const head = { namespace: "n", model: "m", revision: "r", method: "GET", path: "", deadline: 0 };
    assert.throws(() => writer.request(1, { ...head, headers: { accept: "a".repeat(20_000) } }, true), { code: "tooLarge" });
    assert.throws(() => writer.request(1, { ...head, model: "m".repeat(256), headers: {} }, true), { code: "tooLarge" });
    assert.throws(() => writer.request(1, { ...head, headers: { accept: "a\nb" } }, true), { code: "badRequest" });
    writer.flush();
    assert.equal(socket.writableLength, 0);
  });
});
