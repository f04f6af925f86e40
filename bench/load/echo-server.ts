// The ceiling of JSON over Node: reads the body, answers a constant of the same size as a model's answer.
import { createServer } from "node:http";

const answer = process.argv[2]!;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    JSON.parse(Buffer.concat(chunks).toString());
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address())));
