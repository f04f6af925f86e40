import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect as netConnect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { systemClock } from "@slipway/base";
import { FrameClient } from "../frame-client.ts";
import type { FrameRequestHead } from "../frame-heads.ts";
import type { FrameOptions } from "../frame-options.ts";
import type { FrameBodySource, FrameRequest } from "../frame-request.ts";
import { type FrameServer, serveFrames } from "../serve-frames.ts";

/** A request for nothing in particular. */
export const head: FrameRequestHead = {
  namespace: "default",
  model: "digits",
  revision: "digits-1",
  method: "POST",
  path: "infer",
  deadline: 0,
  headers: {},
};
/** The real clock and the default limits. */
export const options: FrameOptions = { clock: systemClock };
/** The shortest good answer. */
export const ok = { status: 200, headers: {} };

/** A connected pair of real Unix sockets, closed with the test. */
export async function socketPair(test: TestContext): Promise<{ near: Socket; far: Socket }> {
  const directory = await mkdtemp(join(tmpdir(), "slipway-frames-"));
  const server = createServer();
  const far = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(join(directory, "s"), resolve));
  const near = netConnect(join(directory, "s"));
  const pair = { near, far: await far };
  test.after(async () => {
    pair.near.destroy();
    pair.far.destroy();
    server.close();
    await rm(directory, { recursive: true });
  });
  return pair;
}

/** Both ends of a connection, and their sockets. */
export interface Pair {
  readonly client: FrameClient;
  readonly server: FrameServer;
  readonly near: Socket;
  readonly far: Socket;
}

/** A client connected to a server whose requests go to `handler`. */
export async function connect(
  test: TestContext,
  handler: (request: FrameRequest) => void,
  both: Partial<FrameOptions> = {},
): Promise<Pair> {
  const sockets = await socketPair(test);
  const client = new FrameClient(sockets.near, { ...options, ...both });
  const server = serveFrames(sockets.far, handler, { ...options, ...both });
  await client.ready;
  return { client, server, ...sockets };
}

/** What a client heard. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Sends a request and collects its answer; rejects with the FrameError. */
export function ask(client: FrameClient, body?: FrameBodySource, more: Partial<FrameRequestHead> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const chunks: Buffer[] = [];
    client.request({ ...head, ...more }, body, {
      head: (answer) => {
        status = answer.status;
      },
      data: (chunk) => chunks.push(chunk),
      end: () => resolve({ status, body: Buffer.concat(chunks) }),
      error: reject,
    });
  });
}

/** Waits for a condition, turn by turn, for at most five seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 5_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited 5 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Answers with the body. */
export const echo = (request: FrameRequest) => {
  request.body.whole(64 * 1024 * 1024).then(
    (body) => request.respond(ok, body),
    (error) => request.fail(error),
  );
};

/** The bytes in chunks; `pulled` hears how far they were asked for. */
export async function* chunksOf(bytes: Buffer, size: number, pulled?: (count: number) => void): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    pulled?.(Math.min(bytes.length, at + size));
    yield bytes.subarray(at, at + size);
  }
}

/** Bytes that differ everywhere, so that a mix-up shows. */
export function pattern(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8) * 17 + seed) & 255;
  return bytes;
}
