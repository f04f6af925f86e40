import { lookup } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { type Clock, SlipwayError } from "@slipway/base";
import { connectTls, type TlsSource, tlsFailure } from "@slipway/http";
import { operatorServerName } from "@slipway/protocol";

/** How long one address of the operator may take to prove who it is, milliseconds. */
const connectMs = 2_000;

/** Connects to whoever publishes routes. Rejects with `unavailable` when nobody does. */
export type FeedConnector = () => Promise<Socket>;

/** Control on this machine, at its Unix socket. */
export function unixFeed(path: string): FeedConnector {
  return () => connected(connect(path), "connect");
}

/** What {@link tlsFeed} needs. */
export interface TlsFeedOptions {
  /** Resolves to an address for each operator; only the one that leads listens. */
  readonly host: string;
  readonly port: number;
  readonly credentials: TlsSource;
  readonly clock: Clock;
  /** Addresses of a host, from who knows better than the machine's resolver, which is asked when this fails. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** The operator that leads, in a cluster: the first address that answers and proves to be an operator. */
export function tlsFeed({ host, port, credentials, clock, resolve = addresses }: TlsFeedOptions): FeedConnector {
  return async () => {
    const reasons = new Set<string>();
    for (const address of await resolve(host).catch(() => addresses(host))) {
      const socket = connectTls({ host: address, port, serverName: operatorServerName, credentials });
      const cancel = clock.after(connectMs, () => socket.destroy(new SlipwayError("unavailable", "It does not answer.")));
      try {
        return await connected(socket, "secureConnect");
      } catch (error) {
        reasons.add(`${address}: ${tlsFailure(error) ?? (error as Error).message}`);
      } finally {
        cancel();
      }
    }
    throw new SlipwayError("unavailable", `No operator at ${host} can be used (${[...reasons].join("; ") || "no address"}).`);
  };
}

async function addresses(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new SlipwayError("unavailable", `The name ${host} has no address.`, { cause });
  }
}

/** Resolves when the socket emits `event`; rejects when it fails or ends first. */
function connected<T extends Socket>(socket: T, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off("error", settle).off("close", onClose).off(event, onConnect);
      if (error === undefined) resolve(socket);
      else reject(error);
    };
    const onConnect = () => settle();
    const onClose = () => settle(new SlipwayError("unavailable", "The connection was closed."));
    socket.on("error", settle).on("close", onClose).on(event, onConnect);
  });
}
