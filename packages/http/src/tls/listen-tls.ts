import type { Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type Log, SlipwayError } from "@slipway/base";
import { keepAliveMs } from "./connect-tls.ts";
import { tlsFailure } from "./tls-failure.ts";
import type { TlsSource } from "./tls-source.ts";

/** A peer that has not proved who it is by then is cut off. */
const handshakeMs = 5_000;

/** What {@link listenTls} needs. */
export interface TlsListenOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly credentials: TlsSource;
  /** The name that a client's certificate must have. */
  readonly client: string;
  /** Takes a connection whose client has proved itself. */
  readonly accept: (socket: TLSSocket) => void;
  readonly log: Log;
}

/** A listener that only holders of a certificate reach. */
export interface TlsListener {
  readonly port: number;
  /** Accepts no more and ends every connection. */
  close(): Promise<void>;
}

/** Listens with TLS 1.3 and asks every client for its certificate. New credentials count for connections from then on. Throws `conflict` when the port is taken. */
export async function listenTls(options: TlsListenOptions): Promise<TlsListener> {
  const { credentials, log } = options;
  const sockets = new Set<Socket>();
  const server = createServer({
    ...context(credentials),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: handshakeMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const refuse = (socket: TLSSocket, reason: string) => {
    log.warn("connection refused", { peer: socket.remoteAddress, reason });
    socket.destroy();
  };
  server.on("tlsClientError", (error, socket) => {
    refuse(socket, tlsFailure(socket.authorizationError) ?? tlsFailure(error) ?? error.message);
  });
  server.on("secureConnection", (socket) => {
    // Whoever takes it over adds another; until then, and after, none may be without.
    socket.on("error", (error) => log.debug("connection failed", { error }));
    const named = socket.getPeerX509Certificate()?.checkHost(options.client, { subject: "never", wildcards: false });
    if (!socket.authorized || named === undefined) refuse(socket, `its certificate has not the name ${options.client}`);
    else options.accept(socket);
  });
  await listening(server, options);
  server.on("error", (error) => log.error("listener failed", { error }));
  const unfollow = credentials.onChange(() => {
    try {
      server.setSecureContext(context(credentials));
    } catch (error) {
      log.error("new credentials cannot be used; the ones before stay", { error });
    }
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : options.port,
    close: async () => {
      unfollow();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function context({ current }: TlsSource) {
  return { ...current, minVersion: "TLSv1.3" } as const;
}

function listening(server: Server, { host, port }: TlsListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error) => {
      const taken = (cause as { code?: string }).code === "EADDRINUSE";
      const [code, what] = taken ? (["conflict", "is in use"] as const) : (["internal", "cannot be opened"] as const);
      reject(new SlipwayError(code, `Port ${port} on ${host} ${what}.`, { cause }));
    };
    server.once("error", onError);
    server.listen({ host, port }, () => {
      server.off("error", onError);
      resolve();
    });
  });
}
