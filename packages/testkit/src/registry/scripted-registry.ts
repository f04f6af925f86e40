import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A server on loopback that answers as the test says, for what no honest registry does. Gives its host and what it was asked. */
export async function scriptedRegistry(
  t: Pick<TestContext, "after">,
  answer: (request: SeenRequest, response: ServerResponse) => void,
): Promise<{ host: string; seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { method = "", url = "", headers } = request;
    const asked = { method, path: url, headers, body: Buffer.concat(chunks) };
    seen.push(asked);
    answer(asked, response);
  }).listen(0, "127.0.0.1");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, seen };
}
