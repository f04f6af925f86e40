import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noise } from "../testing/noise.ts";
import type { Chunk } from "./chunk.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { chunkPower } from "./chunker.ts";

const power = 12;

async function chunksOf(bytes: Buffer, pieces: readonly number[] = [bytes.length]): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const whole: Buffer[] = [];
  const stream = new ChunkStream(power, async (chunk, content) => {
    chunks.push(chunk);
    whole.push(Buffer.from(content));
  });
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    await stream.push(Buffer.from(bytes.subarray(at, at + piece)));
    at += piece;
  }
  await stream.end();
  assert.ok(Buffer.concat(whole).equals(bytes), "nothing is lost or moved");
  return chunks;
}

test("boundaries are what they always were", async () => {
  const sizes = (await chunksOf(noise("boundaries", 40_000))).map(({ size }) => size);
  assert.deepEqual(sizes, known);
});

/** Other boundaries for the same bytes would share nothing with what registries hold. */
const known = [4169, 4869, 4429, 5093, 3757, 3923, 4782, 1775, 2910, 4293];

test("how the bytes arrive does not matter", async () => {
  const bytes = noise("pieces", 50_000);
  const expected = await chunksOf(bytes);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 20 }), async (pieces) => {
      assert.deepEqual(await chunksOf(bytes, pieces), expected);
    }),
    { numRuns: 50 },
  );
});

test("chunks have a quarter to four times the average, also of bytes that are all the same", async () => {
  const random = await chunksOf(noise("sizes", 2 ** 21));
  for (const { size } of random.slice(0, -1)) assert.ok(size >= 2 ** power / 4 && size <= 2 ** power * 4, String(size));
  const mean = 2 ** 21 / random.length;
  assert.ok(mean > 2 ** power * 0.7 && mean < 2 ** power * 1.5, String(mean));
  const same = await chunksOf(Buffer.alloc(2 ** 18));
  assert.ok(same.slice(0, -1).every(({ size }) => size === 2 ** power * 4));
  assert.deepEqual(await chunksOf(Buffer.alloc(0)), []);
});

test("bytes put in, taken out or changed move no boundary far from them", async () => {
  const bytes = noise("changes", 2 ** 20);
  const before = new Set((await chunksOf(bytes)).map(({ digest }) => digest));
  const changes: readonly (readonly [string, Buffer])[] = [
    ["one byte put in at the start", Buffer.concat([Buffer.from("x"), bytes])],
    ["bytes put in", Buffer.concat([bytes.subarray(0, 500_001), noise("new", 777), bytes.subarray(500_001)])],
    ["bytes taken out", Buffer.concat([bytes.subarray(0, 300_000), bytes.subarray(301_234)])],
    ["bytes changed", Buffer.concat([bytes.subarray(0, 700_000), noise("other", 100), bytes.subarray(700_100)])],
  ];
  for (const [what, changed] of changes) {
    const fresh = (await chunksOf(changed)).filter(({ digest }) => !before.has(digest));
    assert.ok(fresh.length >= 1 && fresh.length <= 4, `${what}: ${fresh.length} new chunks`);
  }
});

test("the average grows with the bundle, so that its list of chunks stays small", () => {
  assert.deepEqual([1e6, 500e6, 2 ** 32, 2 ** 32 + 1, 140e9, 2 ** 40].map(chunkPower), [16, 16, 16, 17, 22, 24]);
});
