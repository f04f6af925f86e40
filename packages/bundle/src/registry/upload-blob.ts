import { backoff, SlipwayError } from "@slipway/base";
import type { BlobSource } from "./blob-source.ts";
import type { TransferContext } from "./download-blob.ts";
import type { Repository } from "./image-reference.ts";
import { PieceReader } from "./piece-reader.ts";
import type { WireResponse } from "./wire.ts";

/** Where to upload to. */
export interface UploadTarget {
  readonly repository: Repository;
  /** `…/v2/NAME/blobs/uploads/` */
  readonly uploads: URL;
}

/** Bytes that go in one request: a smaller blob is one request, a larger one is sent in pieces, so that a lost connection loses a piece. */
const pieceBytes = 8 * 2 ** 20;
const mostInterruptions = 6;

interface Session extends UploadTarget {
  readonly source: BlobSource;
  readonly pieces: PieceReader;
  readonly context: TransferContext;
}

/** Puts a blob into a repository, taking it over from its origin where the registry can. `mounted` when no byte had to move. */
export async function uploadBlob(
  target: UploadTarget,
  source: BlobSource,
  context: TransferContext,
): Promise<"uploaded" | "mounted"> {
  const pieces = new PieceReader(source, context.signal);
  try {
    return await upload({ ...target, source, pieces, context });
  } finally {
    await pieces.close();
  }
}

async function upload(session: Session): Promise<"uploaded" | "mounted"> {
  const { source, repository, context } = session;
  const { origin } = source;
  const mountFrom = origin?.registry === repository.registry && origin.name !== repository.name ? origin : undefined;
  for (let interruptions = 0; ; ) {
    // Each round is an upload of its own; inside, a broken one is continued for as long as the registry still knows it.
    const opened = await open(session, interruptions === 0 ? mountFrom : undefined);
    if (opened === "mounted") return opened;
    const failure = await send(session, opened);
    if (failure === undefined) return "uploaded";
    if (++interruptions >= mostInterruptions) throw failure;
    await context.clock.sleep(backoff(interruptions, 250, 10_000), context.signal);
  }
}

async function open(session: Session, from: Repository | undefined): Promise<URL | "mounted"> {
  const { source, uploads } = session;
  const url = new URL(uploads);
  if (from !== undefined) {
    url.searchParams.set("mount", source.digest);
    url.searchParams.set("from", from.name);
  }
  const response = await call(session, {
    method: "POST",
    url,
    expect: [201, 202],
    again: true,
    ...(from && { mountFrom: from }),
  });
  await response.body.dump();
  return response.statusCode === 201 ? "mounted" : locationOf(response, url);
}

/** Sends all bytes to an open upload; gives the failure after which only a new upload helps, nothing when it is done. */
async function send(session: Session, opened: URL): Promise<SlipwayError | undefined> {
  const { source, pieces, context } = session;
  let location = opened;
  let at = 0;
  for (let interruptions = 0; ; ) {
    try {
      while (source.size > pieceBytes && at < source.size) {
        const piece = await pieces.read(at, pieceBytes);
        const response = await call(session, {
          method: "PATCH",
          url: location,
          headers: {
            "content-type": "application/octet-stream",
            "content-range": `${at}-${at + piece.length - 1}`,
            "content-length": String(piece.length),
          },
          body: piece,
          expect: [202],
        });
        await response.body.dump();
        location = locationOf(response, location);
        at += piece.length;
        interruptions = 0;
      }
      const rest = source.size > pieceBytes ? Buffer.alloc(0) : await pieces.read(at, pieceBytes);
      const url = new URL(location);
      url.searchParams.set("digest", source.digest);
      const response = await call(session, {
        method: "PUT",
        url,
        headers: { "content-type": "application/octet-stream", "content-length": String(rest.length) },
        body: rest,
        expect: [201, 204],
      });
      await response.body.dump();
      return undefined;
    } catch (caught) {
      if (!(caught instanceof SlipwayError) || !["unavailable", "overloaded", "invalid"].includes(caught.code)) throw caught;
      // Refused for what it is, not for how it came: the bytes are not those of the digest.
      if (caught.code === "invalid" && interruptions === 0 && at === 0) throw caught;
      if (++interruptions >= mostInterruptions) return caught;
      await context.clock.sleep(backoff(interruptions, 250, 10_000), context.signal);
      const state = await progress(session, location);
      if (state === undefined) return caught;
      location = state.location;
      at = source.size > pieceBytes ? state.received : 0;
      if (source.size <= pieceBytes && state.received > 0) return caught;
    }
  }
}

/** How far a broken upload came; undefined when the registry no longer knows it, or cannot continue it. */
async function progress(session: Session, location: URL): Promise<{ location: URL; received: number } | undefined> {
  const response = await call(session, { method: "GET", url: location, expect: [204, 202, 400, 404, 405, 416], again: true });
  await response.body.dump();
  if (response.statusCode > 204) return undefined;
  const [, first, last] = /^(?:bytes=)?(\d+)-(\d+)$/.exec(String(response.headers.range ?? "")) ?? [];
  // Registries say "0-0" of an upload that has nothing; one byte sent again is no loss.
  const received = first !== "0" || last === undefined ? undefined : last === "0" ? 0 : Number(last) + 1;
  if (received === undefined || received > session.source.size) return undefined;
  return { location: response.headers.location === undefined ? location : locationOf(response, location), received };
}

interface UploadCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly expect: readonly number[];
  readonly again?: boolean;
  readonly mountFrom?: Repository;
}

function call(
  { repository, source, context }: Session,
  { mountFrom, again = false, ...rest }: UploadCall,
): Promise<WireResponse> {
  return context.transport.call({
    ...rest,
    again,
    scope: {
      registry: repository.registry,
      names: [
        `repository:${repository.name}:pull,push`,
        ...(mountFrom === undefined ? [] : [`repository:${mountFrom.name}:pull`]),
      ],
    },
    what: `an upload of ${source.digest} to ${repository.name}`,
    signal: context.signal,
  });
}

/** Where the upload goes on. It may be elsewhere, but the login never goes along: the transport sends it to this URL's own registry only. */
function locationOf(response: WireResponse, base: URL): URL {
  const { location } = response.headers;
  try {
    const url = new URL(String(location), base);
    if (url.host === base.host && url.protocol === base.protocol) return url;
  } catch {
    // Said below.
  }
  throw new SlipwayError("forbidden", `The registry ${base.host} wants the upload to go to another place.`, {
    hint: "Nothing was sent there. A proxy before the registry must pass on the host and the scheme it was asked for.",
  });
}
