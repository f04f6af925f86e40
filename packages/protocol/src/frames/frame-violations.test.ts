import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlipwayError } from "@slipway/base";
import fc from "fast-check";
import { FrameClient } from "./frame-client.ts";
import { defaultFrameLimits } from "./frame-options.ts";
import { encodePreface } from "./preface.ts";
import { serveFrames } from "./serve-frames.ts";
import { ask, ok, options, socketPair, until } from "./testing/frame-pair.ts";

describe("a frame connection with a peer that breaks the rules", () => {
  it("refuses a peer of another version by its versions, and one that speaks something else, on both sides", async (test) => {
    const foreign: [Buffer, RegExp, string][] = [
      [encodePreface(defaultFrameLimits, { lowest: 2, highest: 3 }), /versions 2 to 3; this side speaks 1 to 1/, "unimplemented"],
      [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), /does not speak Slipway's frames/, "badRequest"],
      [encodePreface({ streamWindow: 1, connectionWindow: 1, streams: 1 }), /limits make no sense/, "badRequest"],
    ];
    for (const [bytes, message, code] of foreign) {
      const first = await socketPair(test);
      const client = new FrameClient(first.near, options);
      first.far.write(bytes);
      await assert.rejects(client.ready, { message, code });
      const second = await socketPair(test);
      const server = serveFrames(second.far, () => assert.fail(), options);
      second.near.write(bytes);
      assert.match((await server.closed).message, message);
    }
  });

  it("speaks with a peer of a newer version that still speaks this one", async (test) => {
    const { near, far } = await socketPair(test);
    const client = new FrameClient(near, options);
    far.write(encodePreface(defaultFrameLimits, { lowest: 1, highest: 9 }));
    await client.ready;
  });

  it("closes the connection at malformed frames with a reason, and tells the peer; random bytes never crash it", async (test) => {
    const frame = (type: number, stream: number, payload: Buffer, flags = 0) => {
      const header = Buffer.alloc(10);
      header.writeUInt32BE(payload.length, 0);
      header[4] = type;
      header[5] = flags;
      header.writeUInt32BE(stream, 6);
      return Buffer.concat([header, payload]);
    };
    const request = Buffer.from("000000000161016d017203474554000000", "hex");
    const cases: [string, Buffer[]][] = [
      ["no frame type", [frame(99, 1, Buffer.alloc(0))]],
      ["has no head", [frame(3, 7, Buffer.alloc(1))]],
      ["comes after request", [frame(1, 5, request, 1), frame(1, 5, request, 1)]],
      ["does not send frames of type 2", [frame(2, 1, request)]],
      ["malformed", [frame(1, 1, Buffer.of(0, 0))]],
      ["gives nothing", [frame(5, 0, Buffer.alloc(4))]],
      ["after its end", [frame(1, 1, request, 1), frame(3, 1, Buffer.alloc(5), 1)]],
      ["more than its credit", [frame(1, 1, request), ...Array.from({ length: 6 }, () => frame(3, 1, Buffer.alloc(64 * 1024)))]],
    ];
    for (const [message, bytes] of cases) {
      const { near, far } = await socketPair(test);
      const client: Buffer[] = [];
      near.on("data", (chunk: Buffer) => client.push(chunk));
      near.on("error", () => {});
      const server = serveFrames(far, () => {}, options);
      near.write(Buffer.concat([encodePreface(defaultFrameLimits), ...bytes]));
      assert.ok((await server.closed).message.includes(message), `${message}: ${(await server.closed).message}`);
      await until(`the peer is told: ${message}`, () => Buffer.concat(client).includes(message));
    }
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), async (chunks) => {
        const { near, far } = await socketPair(test);
        near.on("error", () => {});
        const server = serveFrames(far, (request) => request.respond(ok), options);
        near.write(encodePreface(defaultFrameLimits));
        for (const chunk of chunks) near.write(chunk);
        near.end();
        await server.closed;
        assert.equal(server.inflight, 0);
      }),
      { numRuns: 60 },
    );
  });

  it("ends the requests in flight, and nothing else, when a replica sends malformed frames", async (test) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), async (chunks) => {
        const { near, far } = await socketPair(test);
        far.on("error", () => {});
        far.resume();
        const client = new FrameClient(near, options);
        far.write(encodePreface(defaultFrameLimits));
        await client.ready;
        const answer = ask(client, Buffer.from("x")).then(
          () => "answered",
          (error) => (error instanceof SlipwayError ? "refused" : `crashed: ${error}`),
        );
        for (const chunk of chunks) far.write(chunk);
        far.end();
        await client.closed;
        assert.match(await answer, /answered|refused/);
        assert.equal(client.inflight, 0);
      }),
      { numRuns: 60 },
    );
  });
});
