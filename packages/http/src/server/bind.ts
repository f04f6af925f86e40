import { unlink } from "node:fs/promises";
import { connect } from "node:net";
import { SlipwayError } from "@slipway/base";
import type { HttpServer, Listen, NodeServer } from "./http-server.ts";

/** Listens and says what it bound. Throws `conflict`, `forbidden` or `invalid` with the way out. */
export async function bind(server: NodeServer, listen: Listen, scheme: "http" | "https"): Promise<HttpServer["address"]> {
  if ("path" in listen) {
    await bindPath(server, listen.path);
    return { path: listen.path };
  }
  try {
    await listening(server, () => server.listen({ host: listen.host, port: listen.port, exclusive: true }));
  } catch (caught) {
    throw bindFailure(caught, listen.host, listen.port, listen.portHint);
  }
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : listen.port;
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return { host: listen.host, port, url: `${scheme}://${host}:${port}` };
}

function listening(server: NodeServer, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      server.off("listening", onListening);
      reject(error);
    };
    const onListening = () => {
      server.off("error", onError);
      resolve();
    };
    server.once("error", onError).once("listening", onListening);
    start();
  });
}

function bindFailure(caught: unknown, host: string, port: number, hint: string | undefined): SlipwayError {
  const details = { cause: caught, ...(hint === undefined ? {} : { hint }) };
  switch ((caught as { code?: string }).code) {
    case "EADDRINUSE":
      return new SlipwayError("conflict", `Port ${port} on ${host} is in use by another program.`, details);
    case "EACCES":
      return new SlipwayError("forbidden", `Port ${port} on ${host} may not be opened by this user.`, details);
    case "EADDRNOTAVAIL":
      return new SlipwayError("invalid", `${host} is not an address of this machine.`, { cause: caught });
    default:
      return new SlipwayError("internal", `Could not listen on ${host}:${port}.`, details);
  }
}

async function bindPath(server: NodeServer, path: string): Promise<void> {
  try {
    await listening(server, () => server.listen({ path }));
  } catch (caught) {
    if ((caught as { code?: string }).code !== "EADDRINUSE" || (await answers(path))) {
      throw new SlipwayError("conflict", "The socket is in use by another process, or may not be created.", { cause: caught });
    }
    await unlink(path);
    await listening(server, () => server.listen({ path }));
  }
}

/** Whether somebody listens on a Unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
