import { once } from "node:events";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { listenTls, type TlsListenOptions } from "@slipway/http";

/** How gateways reach a replica: begins to listen, hands over each connection, and returns how to stop. */
export type FrameTransport = (accept: (socket: Duplex) => void) => Promise<() => Promise<void>>;

/** A Unix socket; its path has at most 107 bytes, and nothing may be there. */
export function unixTransport(path: string): FrameTransport {
  return async (accept) => {
    const server = createServer(accept);
    server.listen(path);
    await once(server, "listening");
    return () => new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/** TLS on a port, for clients with the certificate that is asked for. */
export function tlsTransport(options: Omit<TlsListenOptions, "accept">): FrameTransport {
  return async (accept) => {
    const listener = await listenTls({ ...options, accept });
    return () => listener.close();
  };
}
