import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { SlipwayError } from "@slipway/base";
import { connectTls, type TlsSource } from "@slipway/http";
import { parseReplicaAddress, type ReplicaRoute, replicaServerName } from "@slipway/protocol";

/** A replica and the Model it must belong to. */
export interface ReplicaTarget extends ReplicaRoute {
  readonly namespace: string;
  readonly model: string;
}

/** Begins a connection to a replica. Throws `invalid` when its address leads nowhere from here. */
export type ReplicaConnector = (target: ReplicaTarget) => Duplex;

/** Connects to Unix sockets and, with credentials, through a network to whoever holds the certificate of the replica's Model. */
export function replicaConnector(credentials: TlsSource | undefined): ReplicaConnector {
  return ({ namespace, model, address }) => {
    const place = parseReplicaAddress(address);
    if (place?.type === "unix") return connect(place.path);
    if (place?.type === "tls" && credentials !== undefined) {
      return connectTls({ host: place.host, port: place.port, serverName: replicaServerName(namespace, model), credentials });
    }
    throw new SlipwayError("invalid", `This gateway has no way to ${address}.`);
  };
}
