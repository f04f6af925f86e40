import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, createZstdCompress, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { acceptedEncoding } from "./accepted-encoding.ts";
import { compressBody } from "./compress-body.ts";
import { type ContentEncoding, contentEncoding } from "./content-encoding.ts";
import { inflateBody, inflateWhole } from "./inflate-body.ts";

const compress = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync } as const;
const encodings = Object.keys(compress) as ContentEncoding[];

/** The bytes in pieces, and how many of them were asked for. */
function source(bytes: Uint8Array, size = 1000) {
  const counted = { pulled: 0 };
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) {
      counted.pulled = at + size;
      yield bytes.subarray(at, at + size);
    }
  }
  return { counted, bytes: pieces() };
}

for (const encoding of encodings) {
  const text = Buffer.from("The quick brown fox. ".repeat(10_000));
  const packed = compress[encoding](text);

  test(`${encoding} is inflated up to the limit exactly, in pieces of any size, aligned`, async () => {
    for (const size of [1, 7, 100_000]) {
      for (const alignAt of [0, 1, 5]) {
        const options = { encoding, limit: text.length, alignAt };
        const inflated = await inflateWhole(source(packed, size).bytes, options);
        assert.ok(inflated.equals(text));
        assert.equal((inflated.byteOffset + alignAt) % 8, 0);
      }
    }
    await assert.rejects(inflateWhole(source(packed).bytes, { encoding, limit: text.length - 1 }), { code: "tooLarge" });
  });

  test(`A14 a ${encoding} bomb is cut off at the limit, its rest neither inflated nor asked for`, async () => {
    const bomb = compress[encoding](Buffer.alloc(64 * 1024 * 1024));
    const { counted, bytes } = source(Buffer.concat(new Array(Math.ceil(600_000 / bomb.length)).fill(bomb)), 16);
    const failures: unknown[] = [];
    let inflated = 0;
    const limit = 1024 * 1024;
    await assert.rejects(
      async () => {
        const options = { encoding, limit, onFailure: (error: unknown) => failures.push(error) };
        for await (const chunk of inflateBody(bytes, options)) inflated += chunk.length;
      },
      { code: "tooLarge" },
    );
    assert.ok(inflated <= limit, `${inflated} bytes were inflated`);
    assert.ok(counted.pulled < 200_000, `${counted.pulled} bytes were pulled`);
    assert.equal(failures.length, 1);
  });

  for (const [name, bytes, message] of [
    ["cut", packed.subarray(0, -3), /not whole/],
    ["empty", Buffer.alloc(0), /not whole/],
    ["followed by something", Buffer.concat([packed, Buffer.from("x")]), /not well-formed/],
    ["not compressed", text, /not well-formed/],
    ["broken in the middle", Buffer.concat([packed.subarray(0, 30), Buffer.alloc(30, 0xff), packed.subarray(60)]), /not w/],
  ] as const) {
    test(`A14 ${encoding} that is ${name} is refused`, async () => {
      await assert.rejects(inflateWhole(source(bytes).bytes, { encoding, limit: 10_000_000 }), { code: "badRequest", message });
    });
  }

  test(`${encoding} passes on what its source throws`, async () => {
    async function* failing() {
      yield packed.subarray(0, 10);
      throw Object.assign(new Error("gone"), { code: "badRequest" });
    }
    await assert.rejects(inflateWhole(failing(), { encoding, limit: 10 }));
  });

  test(`an answer is compressed by ${encoding} when that pays`, async () => {
    const compressed = await compressBody([text.subarray(0, 10), text.subarray(10)], encoding);
    assert.ok(compressed !== undefined && compressed.length < text.length / 10);
    assert.ok((await inflateWhole(source(compressed).bytes, { encoding, limit: text.length })).equals(text));
    const noise = crypto.getRandomValues(new Uint8Array(50_000));
    assert.equal(await compressBody(noise, encoding), undefined);
  });
}

test("A14 a zstd frame that claims a window of 128 MiB is refused before it gets one", async () => {
  const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.write(Buffer.alloc(100_000));
  stream.end(Buffer.alloc(100_000));
  await new Promise((resolve) => stream.once("end", resolve));
  const options = { encoding: "zstd", limit: 10_000_000 } as const;
  await assert.rejects(inflateWhole(source(Buffer.concat(chunks)).bytes, options), { code: "badRequest" });
});

test("deflate is zlib's format, as RFC 9110 has it", async () => {
  const raw = deflateRawSync(Buffer.from("text"));
  await assert.rejects(inflateWhole(source(raw).bytes, { encoding: "deflate", limit: 100 }), { code: "badRequest" });
});

test("contentEncoding() knows one of three codings", () => {
  for (const none of [undefined, "", "identity", "Identity"]) assert.equal(contentEncoding(none), undefined);
  for (const [header, encoding] of [
    ["gzip", "gzip"],
    ["X-GZIP", "gzip"],
    [" deflate ", "deflate"],
    ["zstd", "zstd"],
  ] as const) {
    assert.equal(contentEncoding(header), encoding);
  }
  for (const header of ["br", "compress", "gzip, gzip", "gzip, identity", "identity, gzip", "toString", ["gzip", "gzip"]]) {
    assert.throws(() => contentEncoding(header), { code: "unsupportedMediaType" });
  }
});

test("acceptedEncoding() follows the client, and takes a default list for none on the same machine", () => {
  for (const [header, remote, local] of [
    [undefined, undefined, undefined],
    ["", undefined, undefined],
    ["gzip", "gzip", "gzip"],
    ["zstd", "zstd", "zstd"],
    ["gzip, deflate", "gzip", undefined],
    ["gzip, deflate, br, zstd", "zstd", undefined],
    ["gzip;q=0.5, deflate;q=0.9", "deflate", undefined],
    ["gzip;q=0", undefined, undefined],
    ["gzip;q=0.5, identity", undefined, undefined],
    ["br", undefined, undefined],
    ["*", undefined, undefined],
    ["GZIP", "gzip", "gzip"],
    ["gzip;q=x", undefined, undefined],
  ] as const) {
    assert.deepEqual([header, acceptedEncoding(header, false)], [header, remote]);
    assert.deepEqual([header, acceptedEncoding(header, true)], [header, local]);
  }
});
