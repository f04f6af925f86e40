import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** Told of every piece on its way to the server (`up`) or back; true breaks the connection before the piece is passed on. */
export type Cut = (piece: Buffer, way: "up" | "down") => boolean;

/** A proxy for TCP in front of `target` that breaks connections when it is told to. Gives its host, and counts what it broke. */
export async function cuttingProxy(
  t: Pick<TestContext, "after">,
  target: string,
  cut: Cut,
): Promise<{ host: string; cuts(): number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const [targetHost = "", targetPort] = target.split(":");
  const server = createServer((client) => {
    const upstream = connect(Number(targetPort), targetHost);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    const pass = (from: Socket, to: Socket, way: "up" | "down") =>
      from.on("data", (piece: Buffer) => {
        if (client.destroyed) return;
        if (cut(piece, way)) {
          count++;
          client.resetAndDestroy();
          upstream.destroy();
        } else if (!to.write(piece)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
    pass(client, upstream, "up");
    pass(upstream, client, "down");
  }).listen(0, "127.0.0.1");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, "listening");
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, cuts: () => count };
}
