import { connect, type TLSSocket } from "node:tls";
import { secureContext, type TlsSource } from "./tls-source.ts";

/** An idle connection through a network is asked after this long whether it still is one, milliseconds. */
export const keepAliveMs = 15_000;

/** Begins a connection on which both sides prove who they are; the peer's certificate must have the name `serverName`. */
export function connectTls(options: {
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  readonly credentials: TlsSource;
}): TLSSocket {
  const { host, port, serverName, credentials } = options;
  const socket = connect({
    host,
    port,
    servername: serverName,
    secureContext: secureContext(credentials.current),
  });
  // Frames and lines are written whole; waiting for more would only delay them.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
}
