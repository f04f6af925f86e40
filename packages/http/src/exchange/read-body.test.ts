import assert from "node:assert/strict";
import { once } from "node:events";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { test } from "node:test";
import { silentLog, systemClock } from "@slipway/base";
import { issueLoopbackCertificate } from "../certificate/issue-loopback-certificate.ts";
import type { Route } from "../route/route.ts";
import { loopbackHosts } from "../safety/check-request.ts";
import { startHttpServer } from "../server/start-http-server.ts";

const alignAt = 3;
const echo: Route = {
  method: "POST",
  path: "/",
  access: { type: "open" },
  limits: { bodyBytes: 16 * 1024 * 1024, bodyMs: 10_000 },
  async handler(exchange) {
    const body = await exchange.readBody({ alignAt });
    exchange.send((body.byteOffset + alignAt) % 8 === 0 ? 200 : 500, {}, body);
  },
};

/** Bytes that differ from body to body and from place to place. */
function pattern(length: number, seed: number): Buffer {
  const bytes = new Uint32Array(Math.ceil(length / 4));
  let value = seed + 1;
  for (let index = 0; index < bytes.length; index += 1) {
    value = Math.imul(value, 1_664_525) + 1_013_904_223;
    bytes[index] = value;
  }
  return Buffer.from(bytes.buffer, 0, length);
}

for (const secure of [false, true]) {
  test(`large bodies at once come whole and aligned over ${secure ? "TLS" : "plain HTTP"}`, async () => {
    const certificate = secure ? await issueLoopbackCertificate({ now: systemClock.now() }) : undefined;
    const server = await startHttpServer({
      routes: [echo],
      listen: { host: "127.0.0.1", port: 0 },
      ...(certificate === undefined ? {} : { tls: certificate }),
      allowedHosts: loopbackHosts,
      clock: systemClock,
      log: silentLog,
    });
    const { port } = server.address as { port: number };
    const send = async (body: Buffer, chunked: boolean) => {
      const headers = chunked ? { "transfer-encoding": "chunked" } : { "content-length": body.length };
      const options = { host: "127.0.0.1", port, method: "POST", headers, rejectUnauthorized: false };
      const request = secure ? secureRequest(options) : plainRequest(options);
      for (let at = 0; at < body.length; at += 70_001) request.write(body.subarray(at, at + 70_001));
      request.end();
      const [response] = await once(request, "response");
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      assert.equal(response.statusCode, 200);
      assert.ok(Buffer.concat(chunks).equals(body));
    };
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let round = 0; round < 4; round += 1)
        await send(pattern(1_000_000 + client + round, client * 10 + round), round % 2 === 1);
    });
    await Promise.all(clients);
    await server.close({ drainMs: 0 });
  });
}
