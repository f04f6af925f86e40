// The ceiling of HTTP over Node: bare node:http that reads the body, parses it when it is JSON, and answers a constant. `ANSWER_FILE
// [HEADER VALUE]…`: the body and the headers of that answer, as the measured server gives them.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [file, ...pairs] = process.argv.slice(2);
const answer = readFileSync(file!);
const headers: Record<string, string | number> = { "content-length": answer.length };
for (let index = 0; index < pairs.length; index += 2) headers[pairs[index]!] = pairs[index + 1]!;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    if (request.headers["content-type"] === "application/json") JSON.parse(body.toString());
    response.writeHead(200, headers);
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })),
);
