import { once } from "node:events";
import type { Transform } from "node:stream";
import { joinAligned, SlipwayError } from "@slipway/base";
import type { ContentEncoding } from "./content-encoding.ts";

/** Zstandard's window may take 8 MiB and no more, RFC 9659: a small frame must not claim memory. */
const zstdWindowLog = 23;

const chunkSize = 64 * 1024;

/** How to inflate a body. */
export interface InflateOptions {
  readonly encoding: ContentEncoding;
  /** Most bytes of the inflated body; one more is `tooLarge`, found as it comes. */
  readonly limit: number;
  /** The byte that is to lie at a multiple of 8 in memory. */
  readonly alignAt?: number | undefined;
  /** Called before inflated bytes are kept for the whole body; may throw. */
  readonly hold?: (bytes: number) => void;
  /** Called when inflating fails, so that a source that waits for more bytes can end. */
  readonly onFailure?: (error: SlipwayError) => void;
}

/** The whole inflated body. Works outside the event loop's thread. Throws `tooLarge`, `badRequest` when the bytes are not of the encoding, and what the source throws. */
export async function inflateWhole(source: AsyncIterable<Uint8Array>, options: InflateOptions): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of inflateBody(source, options)) {
    options.hold?.(chunk.length);
    chunks.push(chunk);
    total += chunk.length;
  }
  return joinAligned(chunks, total, options.alignAt ?? 0, Buffer.allocUnsafeSlow);
}

/** The inflated body as it comes, at the pace of its reader. Throws as {@link inflateWhole} does. */
export async function* inflateBody(
  source: AsyncIterable<Uint8Array>,
  options: InflateOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { encoding, limit, onFailure } = options;
  const engine = await loadEngine(encoding);
  const fed = feed(source, engine);
  // Also awaited below; until then a failure must not count as unhandled.
  fed.catch(() => {});
  let total = 0;
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > limit) throw new SlipwayError("tooLarge", `The body is larger than ${limit} bytes when it is decompressed.`);
      yield chunk;
    }
    await fed;
  } catch (caught) {
    const error = caught instanceof SlipwayError ? caught : corrupt(encoding, caught);
    onFailure?.(error);
    throw error;
  } finally {
    engine.destroy();
  }
}

/** Loads `node:zlib` with the first body that is compressed: 3 ms, which a start need not wait for. */
async function loadEngine(encoding: ContentEncoding): Promise<Transform> {
  const { constants, createGunzip, createInflate, createZstdDecompress } = await import("node:zlib");
  const settings = { chunkSize, rejectGarbageAfterEnd: true };
  if (encoding === "gzip") return createGunzip(settings);
  if (encoding === "deflate") return createInflate(settings);
  return createZstdDecompress({ ...settings, params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog } });
}

async function feed(source: AsyncIterable<Uint8Array>, engine: Transform): Promise<void> {
  const ended = new AbortController();
  engine.once("close", () => ended.abort());
  try {
    for await (const chunk of source) {
      if (engine.destroyed) return;
      if (!engine.write(chunk)) await once(engine, "drain", { signal: ended.signal });
    }
    engine.end();
  } catch (error) {
    if (!ended.signal.aborted) engine.destroy(error as Error);
    throw error;
  }
}

function corrupt(encoding: ContentEncoding, cause: unknown): SlipwayError {
  const cut = (cause as { code?: unknown }).code === "Z_BUF_ERROR";
  return new SlipwayError("badRequest", `The body is not ${cut ? "whole" : "well-formed"} ${encoding}.`, {
    hint: "Send all of it, compressed once, or without Content-Encoding.",
    cause,
  });
}
