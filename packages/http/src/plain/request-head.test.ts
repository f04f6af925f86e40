import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { readRequestHead } from "./request-head.ts";

const read = (text: string, from = 0) => readRequestHead(Buffer.from(text, "latin1"), from);
const host = "Host: localhost\r\n";

test("readRequestHead() reads an ordinary head, wherever it begins", () => {
  const text = `POST /v2/models/a/infer?x=1 HTTP/1.1\r\n${host}Content-Type:application/json\r\nCONTENT-LENGTH:  12 \t\r\nX:\r\n\r\nbody`;
  const head = {
    method: "POST",
    target: "/v2/models/a/infer?x=1",
    headers: { host: "localhost", "content-type": "application/json", "content-length": "12", x: "" },
    bodyBytes: 12,
    length: text.length - 4,
  };
  assert.deepEqual(read(text), head);
  assert.deepEqual(read(`body${text}`, 4), head);
});

test("readRequestHead() waits for the end of the head, at every byte", () => {
  const text = `GET / HTTP/1.1\r\n${host}\r\n`;
  for (let length = 0; length < text.length; length += 1) assert.equal(read(text.slice(0, length)), "more");
  assert.notEqual(read(text), "more");
});

const others: [what: string, text: string][] = [
  ["HTTP/1.0", `GET / HTTP/1.0\r\n${host}\r\n`],
  ["another method", `OPTIONS / HTTP/1.1\r\n${host}\r\n`],
  ["HEAD", `HEAD / HTTP/1.1\r\n${host}\r\n`],
  ["a method in small letters", `get / HTTP/1.1\r\n${host}\r\n`],
  ["an absolute target", `GET http://localhost/ HTTP/1.1\r\n${host}\r\n`],
  ["a target with a space", `GET /a b HTTP/1.1\r\n${host}\r\n`],
  ["a target beyond ASCII", `GET /\xe4 HTTP/1.1\r\n${host}\r\n`],
  ["two spaces", `GET  / HTTP/1.1\r\n${host}\r\n`],
  ["a line end before the request", `\r\nGET / HTTP/1.1\r\n${host}\r\n`],
  ["no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"],
  ["no header", "GET / HTTP/1.1\r\n\r\n"],
  ["an empty host", "GET / HTTP/1.1\r\nHost: \r\n\r\n"],
  ["two hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`],
  ["a header twice", `GET / HTTP/1.1\r\n${host}A: 1\r\na: 2\r\n\r\n`],
  ["two lengths", `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`],
  ["a signed length", `POST / HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\n`],
  ["a list of lengths", `POST / HTTP/1.1\r\n${host}Content-Length: 1, 1\r\n\r\n`],
  ["an empty length", `POST / HTTP/1.1\r\n${host}Content-Length:\r\n\r\n`],
  ["a length of ten digits", `POST / HTTP/1.1\r\n${host}Content-Length: 1000000000\r\n\r\n`],
  ["chunks", `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`],
  ["an expectation", `POST / HTTP/1.1\r\n${host}Expect: 100-continue\r\n\r\n`],
  ["an upgrade", `GET / HTTP/1.1\r\n${host}Upgrade: h2c\r\n\r\n`],
  ["the end of the connection", `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`],
  ["a folded line", `GET / HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`],
  ["a space before the colon", `GET / HTTP/1.1\r\n${host}A : b\r\n\r\n`],
  ["a line without a colon", `GET / HTTP/1.1\r\n${host}A\r\n\r\n`],
  ["a bare line feed", `GET / HTTP/1.1\r\n${host}A: b\nC: d\r\n\r\n`],
  ["a bare carriage return", `GET / HTTP/1.1\r\n${host}A: b\rC: d\r\n\r\n`],
  ["a NUL", `GET / HTTP/1.1\r\n${host}A: b\0\r\n\r\n`],
  ["a name of a prototype", `GET / HTTP/1.1\r\n${host}__proto__: b\r\n\r\n`],
  ["a name of every object", `GET / HTTP/1.1\r\n${host}constructor: b\r\n\r\n`],
  ["16 KiB and more", `GET / HTTP/1.1\r\n${host}A: ${"x".repeat(17_000)}\r\n\r\n`],
  ["16 KiB and no end", `GET / HTTP/1.1\r\n${host}A: ${"x".repeat(17_000)}`],
];
for (const [what, text] of others)
  test(`readRequestHead() leaves ${what} to the full parser`, () => assert.equal(read(text), "other"));

test("what readRequestHead() reads, Node's parser reads alike", async () => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const piece = fc.constantFrom(
    ...[
      "GET ",
      "POST ",
      "/",
      "/a?b=%20",
      " ",
      " HTTP/1.1",
      "\r\n",
      "\r\n",
      "Host",
      "content-length",
      "A",
      ": ",
      ":",
      "0",
      "localhost",
      "\t",
      "é",
      "\x7f",
      ",",
      "x-y",
      "\n",
    ],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 16 }).map((pieces) => `GET / HTTP/1.1\r\nHost: a\r\n${pieces.join("")}\r\n\r\n`),
    fc.array(piece, { maxLength: 16 }).map((pieces) => `POST /${pieces.join("")}\r\n\r\n`),
    fc
      .tuple(
        fc.constantFrom("GET", "POST"),
        fc.array(fc.tuple(fc.stringMatching(/^[!#-'*+.^_`|~0-9A-Za-z-]{1,8}$/), fc.stringMatching(/^[\t -~]{0,12}$/)), {
          maxLength: 5,
        }),
      )
      .map(
        ([method, fields]) =>
          `${method} /p HTTP/1.1\r\nHost: a\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
      ),
  );
  let compared = 0;
  try {
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        const head = read(sent);
        if (typeof head === "string" || head.bodyBytes > 0 || head.length !== sent.length) return;
        seen.length = 0;
        const socket = connect(port, "127.0.0.1");
        socket.write(sent, "latin1");
        await once(socket, "data");
        socket.destroy();
        assert.equal(seen.length, 1, "Node's parser takes it as one request");
        assert.deepEqual([seen[0]!.method, seen[0]!.url], [head.method, head.target]);
        assert.deepEqual({ ...seen[0]!.headers }, { ...head.headers });
        compared += 1;
      }),
      { numRuns: 1_500 },
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
  assert.ok(compared > 300, `${compared} heads were compared`);
});
