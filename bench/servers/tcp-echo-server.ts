// A raw TCP echo that an HTTP client can drive: no parser, every chunk goes straight back. All it knows of HTTP is where the first
// request's head ends and how long its body is; all later requests of a connection must be the same.
import { type AddressInfo, createServer } from "node:net";

const server = createServer({ noDelay: true }, (socket) => {
  let headBytes = 0;
  let bodyBytes = 0;
  let answerHead = Buffer.alloc(0);
  /** Bytes of the present request that have come. */
  let got = 0;
  socket.on("data", (chunk: Buffer) => {
    if (headBytes === 0) {
      headBytes = chunk.indexOf("\r\n\r\n") + 4;
      bodyBytes = Number(/\r\ncontent-length: (\d+)/i.exec(chunk.toString("latin1", 0, headBytes))![1]);
      answerHead = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${bodyBytes}\r\n\r\n`);
    }
    const before = got;
    got += chunk.length;
    if (before < headBytes && got >= headBytes) socket.write(answerHead);
    const from = Math.max(0, headBytes - before);
    // A closed loop has one request on its way, so a chunk never holds parts of two.
    if (from < chunk.length && !socket.write(chunk.subarray(from))) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    }
    if (got >= headBytes + bodyBytes) got = 0;
  });
  socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })),
);
