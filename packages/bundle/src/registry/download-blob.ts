import { createHash } from "node:crypto";
import { backoff, type Clock, SlipwayError } from "@slipway/base";
import type { Digest } from "../manifest/digest.ts";
import { type Repository, referenceText } from "./image-reference.ts";
import type { Transport } from "./transport.ts";
import { connectionError, type WireResponse } from "./wire.ts";

/** What to download. */
export interface Download {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly size: number;
  readonly url: URL;
  /** First byte that is wanted, default 0. Of a blob that is not read from its start nobody checks the digest. */
  readonly from?: number;
}

/** What it works with. */
export interface TransferContext {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that a registry must send within the time below; a body of one byte a second is given up as a silent one is. */
const leastBytes = 64 * 1024;
const leastPerMs = 30_000;
/** Interruptions in a row, without a mebibyte of progress, after which a download fails. */
const mostInterruptions = 5;
const progressBytes = 2 ** 20;

/**
 * The bytes of a blob. A connection that breaks or stalls is replaced by one that continues where it ended; the digest is over all of
 * them. Ends with `invalid` when they are not the blob's: whoever keeps the bytes must wait for the end before using them.
 */
export async function* downloadBlob(download: Download, context: TransferContext): AsyncGenerator<Buffer, void, undefined> {
  const { size, digest, repository, url, from: start = 0 } = download;
  const hash = createHash("sha256");
  let at = start;
  for (let interruptions = 0, progress = 0; ; ) {
    const from = at;
    try {
      for await (const chunk of await openAt(download, at, context)) {
        at += chunk.length;
        if (at > size) throw wrong(download, `it is longer than the ${size} bytes it should have`);
        hash.update(chunk);
        yield chunk;
      }
      if (at === size) break;
      throw new SlipwayError("unavailable", `The registry ${url.host} ended ${digest} early, after ${at} of ${size} bytes.`);
    } catch (caught) {
      const error = connectionError(caught, url, context.signal);
      if (!(error instanceof SlipwayError) || !["unavailable", "timeout"].includes(error.code)) throw error;
      progress += at - from;
      if (progress >= progressBytes) interruptions = progress = 0;
      if (++interruptions > mostInterruptions) throw error;
      await context.clock.sleep(backoff(interruptions, 250, 10_000), context.signal);
    }
  }
  if (start === 0 && `sha256:${hash.digest("hex")}` !== digest)
    throw wrong(download, `its bytes are not those of its digest; it came from ${referenceText(repository)}`);
}

async function openAt(download: Download, at: number, context: TransferContext): Promise<AsyncIterable<Buffer>> {
  const { repository, digest, url } = download;
  const response = await context.transport.call({
    method: "GET",
    url,
    scope: { registry: repository.registry, names: [`repository:${repository.name}:pull`] },
    headers: at === 0 ? {} : { range: `bytes=${at}-` },
    expect: at === 0 ? [200] : [200, 206],
    what: `blob ${digest} in ${repository.name}`,
    signal: context.signal,
  });
  const partial = response.statusCode === 206;
  if (partial && !String(response.headers["content-range"] ?? "").startsWith(`bytes ${at}-`)) {
    response.body.destroy();
    throw wrong(download, "the registry continued it at another place than asked");
  }
  return fastEnough(response, partial ? 0 : at, url, context);
}

/** The body without its first `skip` bytes; fails with `timeout` when it comes too slowly. */
async function* fastEnough(response: WireResponse, skip: number, url: URL, { clock }: TransferContext): AsyncGenerator<Buffer> {
  let received = 0;
  let checked = 0;
  const slow = new SlipwayError(
    "timeout",
    `The registry ${url.host} sends less than ${leastBytes} bytes in ${leastPerMs / 1000} s.`,
  );
  const check = () => {
    if (received - checked < leastBytes) {
      response.body.destroy(slow);
      return;
    }
    checked = received;
    cancel = clock.after(leastPerMs, check);
  };
  let cancel = clock.after(leastPerMs, check);
  try {
    let left = skip;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      received += chunk.length;
      const dropped = Math.min(left, chunk.length);
      left -= dropped;
      if (dropped < chunk.length) yield chunk.subarray(dropped);
    }
  } finally {
    cancel();
  }
}

function wrong({ digest }: Download, why: string): SlipwayError {
  return new SlipwayError("invalid", `The blob ${digest} is refused: ${why}.`, {
    hint: "Somebody changed it on its way or in the registry. Push it again, or use another registry.",
  });
}
