/** A request that another server might read differently, and the status that it must get. */
export interface FramingFault {
  readonly title: string;
  readonly bytes: string;
  readonly status: number;
}

const host = "Host: localhost\r\n";
const json = "Content-Type: application/json\r\n";

/** Broken and ambiguous HTTP (catalogue A and L) at a listener that has this model: refused at once, and the connection is closed. */
export function framingFaults(model: string): FramingFault[] {
  const infer = `POST /v2/models/${model}/infer HTTP/1.1\r\n`;
  const chunked = (name: string) => `${infer}${host}${json}${name}\r\n\r\n0\r\n\r\n`;
  const cases: readonly (readonly [title: string, bytes: string, status: number])[] = [
    [
      "A1 Content-Length and Transfer-Encoding",
      `${infer}${host}${json}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["A1 Transfer-Encoding twice", chunked("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400],
    ["A1 Transfer-Encoding: xchunked", chunked("Transfer-Encoding: xchunked"), 400],
    ["A1 Transfer-Encoding: chunked, identity", chunked("Transfer-Encoding: chunked, identity"), 400],
    ["A2 two lengths", `${infer}${host}${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `, 400],
    ["A2 a list of lengths", `${infer}${host}${json}Content-Length: 4, 4\r\n\r\nabcd`, 400],
    ["A2 a signed length", `${infer}${host}${json}Content-Length: +4\r\n\r\nabcd`, 400],
    ["A2 a negative length", `${infer}${host}${json}Content-Length: -4\r\n\r\nabcd`, 400],
    ["A2 a hexadecimal length", `${infer}${host}${json}Content-Length: 0x4\r\n\r\nabcd`, 400],
    ["A2 a length of 2^70", `${infer}${host}${json}Content-Length: 1180591620717411303424\r\n\r\nabcd`, 400],
    ["A4 two Hosts", `GET /v2 HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`, 400],
    ["A4 the same Host twice", `GET /v2 HTTP/1.1\r\n${host}${host}\r\n`, 400],
    ["A4 no Host", "GET /v2 HTTP/1.1\r\n\r\n", 400],
    ["A5 an absolute target of another host", `GET http://127.0.0.1/v2 HTTP/1.1\r\n${host}\r\n`, 400],
    ["A5 an absolute target of a foreign host", `GET http://evil.example/v2 HTTP/1.1\r\n${host}\r\n`, 400],
    ["A5 a target with user information", `GET http://a@localhost/v2 HTTP/1.1\r\n${host}\r\n`, 400],
    ["A16 h2c", `${infer}${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`, 400],
    [
      "A16 WebSocket on a route of inference",
      `GET /v2/models/${model}/infer HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      400,
    ],
    [
      "L2 a WebSocket from another origin",
      `GET /v2 HTTP/1.1\r\n${host}Origin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      421,
    ],
    ["A19 CONNECT", `CONNECT localhost:80 HTTP/1.1\r\n${host}\r\n`, 405],
    ["not HTTP: a TLS greeting", "\u0016\u0003\u0001\u0002\u0000\u0001", 400],
    ["a space before the colon", `GET /v2 HTTP/1.1\r\nHost : localhost\r\n\r\n`, 400],
    ["bare line feeds", "GET /v2 HTTP/1.1\nHost: localhost\n\n", 400],
    ["headers of 20 kB", `GET /v2 HTTP/1.1\r\n${host}A: ${"x".repeat(20_000)}\r\n\r\n`, 431],
    ["a target of 20 kB", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    ["a chunk's length that is none", `${infer}${host}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
    ["a chunk longer than it says", `${infer}${host}${json}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`, 400],
  ];
  return cases.map(([title, bytes, status]) => ({ title, bytes, status }));
}
