import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Clock, type Log, SlipwayError } from "@slipway/base";
import type { GrpcSessions } from "../grpc/grpc-sessions.ts";
import type { NodeServer } from "./http-server.ts";
import { sniffProtocol } from "./sniff-protocol.ts";

/** What {@link ProtocolSwitch} needs. */
export interface ProtocolSwitchOptions {
  /** Milliseconds until a client must have said what it speaks. */
  readonly headersMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes what takes HTTP/2 connections; called at the first one. */
  readonly load: () => Promise<GrpcSessions>;
  /** Whether a connection was refused already; it still needs somebody who reads it. */
  readonly isRefused: (socket: Socket) => boolean;
  /** Tells a client that it was too slow. */
  readonly refuse: (socket: Socket, error: SlipwayError) => void;
}

type Listener = (this: NodeServer, socket: Socket) => void;

/** Lets one port speak HTTP/1.1 and HTTP/2: without TLS a client's first bytes decide, with TLS what it offers in its handshake. */
export class ProtocolSwitch {
  private readonly server: NodeServer;
  private readonly options: ProtocolSwitchOptions;
  private readonly http1: Listener;
  private sessions: GrpcSessions | undefined;
  private loading: Promise<void> | undefined;

  /** Takes the place of the listener through which Node's server gets its connections; call it before adding others. */
  constructor(server: NodeServer, secure: boolean, options: ProtocolSwitchOptions) {
    this.server = server;
    this.options = options;
    const event = secure ? "secureConnection" : "connection";
    this.http1 = server.listeners(event)[0] as Listener;
    server.removeListener(event, this.http1 as (socket: Socket) => void);
    server.on(event, (socket: Socket) => {
      if (this.options.isRefused(socket)) this.http1.call(server, socket);
      else if (!secure) this.sniff(socket);
      else if ((socket as TLSSocket).alpnProtocol === "h2") this.http2(socket);
      else this.http1.call(server, socket);
    });
  }

  /** The HTTP/2 connections; undefined before the first. */
  get loaded(): GrpcSessions | undefined {
    return this.sessions;
  }

  private sniff(socket: Socket): void {
    const { clock, headersMs, refuse } = this.options;
    const stop = sniffProtocol(
      socket,
      (protocol) => {
        cancel();
        if (protocol === "h2") this.http2(socket);
        else this.http1.call(this.server, socket);
      },
      () => {
        cancel();
        socket.destroy();
      },
    );
    const cancel = clock.after(headersMs, () => {
      stop();
      // Whatever it still sends is nobody's.
      socket.on("error", () => {}).resume();
      refuse(socket, new SlipwayError("requestTimeout", "The request did not arrive in time."));
    });
  }

  private http2(socket: Socket): void {
    if (this.sessions !== undefined) {
      this.sessions.accept(socket);
      return;
    }
    const ignore = () => {};
    socket.on("error", ignore);
    this.loading ??= this.options.load().then((sessions) => {
      this.sessions = sessions;
    });
    this.loading
      .then(() => {
        socket.off("error", ignore);
        if (!socket.destroyed) this.sessions!.accept(socket);
      })
      .catch((error: unknown) => {
        this.loading = undefined;
        this.options.log.error("gRPC could not be loaded", { error });
        socket.destroy();
      });
  }
}

/** What a TLS handshake agrees on: whoever can speak HTTP/1.1 does, for REST; who offers only HTTP/2 speaks gRPC. Undefined for neither. */
export function chooseAlpn(protocols: readonly string[]): string | undefined {
  return ["http/1.1", "h2"].find((protocol) => protocols.includes(protocol));
}
