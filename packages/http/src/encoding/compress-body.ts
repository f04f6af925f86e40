import { promisify } from "node:util";
import type { ContentEncoding } from "./content-encoding.ts";

/** Answers below this size cost more to compress than to send. */
export const compressBytes = 16 * 1024;

type Compressors = Readonly<Record<ContentEncoding, (body: Uint8Array) => Promise<Buffer>>>;

/** A body compressed, outside the event loop's thread; undefined when that does not make it smaller by a tenth. */
export async function compressBody(
  body: Uint8Array | readonly Uint8Array[],
  encoding: ContentEncoding,
): Promise<Buffer | undefined> {
  const whole = body instanceof Uint8Array ? body : Buffer.concat(body);
  const compressed = await (await loadCompressors())[encoding](whole);
  return compressed.length < whole.length * 0.9 ? compressed : undefined;
}

/** With the first answer to compress: 3 ms, which a start need not wait for. */
async function loadCompressors(): Promise<Compressors> {
  const { constants, deflate, gzip, zstdCompress } = await import("node:zlib");
  const fast = { level: constants.Z_BEST_SPEED };
  return {
    gzip: (body) => promisify(gzip)(body, fast),
    deflate: (body) => promisify(deflate)(body, fast),
    zstd: (body) => promisify(zstdCompress)(body),
  };
}
