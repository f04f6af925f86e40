import { request } from "node:http";
import type { Post } from "../load/bodies.ts";
import type { PinnedProcess, Processes } from "../load/pinned-process.ts";
import type { Endpoint } from "../rivals/rival.ts";

/** A server that answers, or is about to. */
export interface Server extends Endpoint {
  readonly name: string;
  readonly canPause: boolean;
  readonly process: Processes;
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
}

/** A server that was just started. */
export interface StartedServer extends Server {
  readonly process: PinnedProcess;
}

const patienceMs = 180_000;
const askAgainMs = 5;

/** Asks until the first answer with status 200; milliseconds from the start of the server's process until then. */
export async function firstAnswer(server: StartedServer, post: Post): Promise<number> {
  const { process, origin, path } = server;
  for (;;) {
    const status = await postOnce(`${origin}${path}`, post);
    const ms = performance.now() - process.startedAt;
    if (status === 200) return ms;
    if (!process.running || ms > patienceMs) throw process.failure();
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}

/** The status of one request on a connection of its own; 0 when there was none. */
function postOnce(url: string, { body, headers }: Post): Promise<number> {
  return new Promise((resolve) => {
    const call = request(url, { method: "POST", agent: false, headers: { ...headers, "content-length": body.length } });
    call.on("response", (response) => {
      response.resume().on("close", () => resolve(response.complete ? response.statusCode! : 0));
    });
    call.on("error", () => resolve(0));
    call.end(body);
  });
}
